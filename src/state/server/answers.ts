import type { Answer } from '../../transport/http/answer.ts'
import type { StateRefusal } from './refusal.ts'

/** JSON that is text already. */
export function jsonAnswer(text: string, status = 200, more?: Answer['headers']): Answer {
  const headers = { 'content-type': 'application/json', ...more }
  return { status, headers, body: text }
}

/** As ooo says what is wrong. */
export function refusalAnswer({ status, message, headers }: StateRefusal): Answer {
  const type = { 'content-type': 'text/plain; charset=utf-8' }
  return { status, headers: { ...type, ...headers }, body: `${message}\n` }
}

export const nothing: Answer = { status: 204, headers: {}, body: '' }
