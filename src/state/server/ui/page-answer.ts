import type { Answer } from '../../../transport/http/answer.ts'
import { page, scriptHash, styleHash } from './built-page.ts'

/** The page that shows a state server: it runs nothing but its own script and asks nobody but this server. */
export function pageAnswer(): Answer {
  return { status: 200, headers, body: new TextEncoder().encode(page) }
}

const policy = [
  "default-src 'none'",
  `script-src '${scriptHash}'`,
  `style-src '${styleHash}'`,
  "connect-src 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
]

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': policy.join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  vary: 'accept',
}
