import { open } from 'node:fs/promises'
import type { RuleSet } from '../conflict/index.ts'
import { abortSignal } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { checkRules, type RulesCode } from './check-rules.ts'
import { problemLine } from './problem.ts'

/**
 * The rules in a YAML or JSON file; see `checkRules`. Rejects with `invalid_argument` when the file can't be
 * used: the message begins with file, line and column of the first error, and `details.problems` has all.
 * `not_found` without a file, `too_large` for one above 1 MiB, `storage_io` when it can't be read.
 */
export async function rulesFromFile(
  path: string,
  options: RulesCode & { readonly signal?: AbortSignal } = {},
): Promise<RuleSet> {
  const { signal, ...code } = options
  abortSignal(signal, at)
  return rulesFromText(await readRules(path, signal), { ...code, file: path })
}

/** As `rulesFromFile`, for a text from elsewhere; `file` is its name in messages. */
export function rulesFromText(
  text: string,
  options: RulesCode & { readonly file?: string } = {},
): RuleSet {
  const { file = 'rules', ...code } = options
  const { rules, problems } = checkRules(text, code)
  if (rules !== undefined) return rules
  const errors = problems.filter(({ severity }) => severity === 'error')
  const lines = errors.map((problem) => problemLine(file, problem))
  const more = lines.length > 1 ? ` (and ${lines.length - 1} more)` : ''
  const { line = 1, column = 1 } = errors[0] ?? {}
  const details = { file, line, column, problems: lines }
  throw new RejoinError('invalid_argument', `${lines[0]}${more}`, { ...at, details })
}

/** The text of a file of rules. */
export async function readRules(path: string, signal?: AbortSignal): Promise<string> {
  signal?.throwIfAborted()
  const bytes = await contentOf(path)
  signal?.throwIfAborted()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw failed('invalid_argument', path, 'is not UTF-8', cause)
  }
}

async function contentOf(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path)
    // One byte more than allowed tells that there is more; the size of a file may change meanwhile.
    const bytes = new Uint8Array(mostBytes + 1)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length)
      if (bytesRead === 0) return bytes.subarray(0, length)
      length += bytesRead
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw failed('not_found', path, 'is not there', cause)
    throw failed('storage_io', path, `can't be read: ${message}`, cause)
  }
  throw failed('too_large', path, `has more than the ${mostBytes} bytes that rules may have`)
}

function failed(
  code: 'not_found' | 'storage_io' | 'too_large' | 'invalid_argument',
  path: string,
  problem: string,
  cause?: unknown,
): RejoinError {
  const init = { ...at, cause, details: { file: path } }
  return new RejoinError(code, `the file of rules ${path} ${problem}`, init)
}

const at = { operation: 'read', component: 'rules-file' } as const
const mostBytes = 1024 * 1024
