import { unwantedSecret } from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import { at, component } from '../where.ts'

export type TokenSource = string | (() => string | Promise<string>)

/** What the server is shown; a function is asked each time. */
export class Token {
  readonly #source: TokenSource | undefined

  /** Throws `invalid_argument`. */
  constructor(source: TokenSource | undefined) {
    const isFit = source === undefined || typeof source === 'function' || isToken(source)
    if (!isFit) throw wrong(source)
    this.#source = source
  }

  /** Rejects with `unauthorized` when the function fails. */
  async now(signal: AbortSignal): Promise<string | undefined> {
    const source = this.#source
    if (typeof source !== 'function') return source
    const given = await untilAborted(signal, ask(source))
    if (isToken(given)) return given
    throw wrong(given)
  }
}

async function ask(source: () => string | Promise<string>): Promise<string> {
  try {
    return await source()
  } catch (cause) {
    throw RejoinError.from(cause, { operation: 'token', component, code: 'unauthorized' })
  }
}

function isToken(given: unknown): boolean {
  return typeof given === 'string' && /^[\x21-\x7e]+$/.test(given)
}

function wrong(given: unknown): RejoinError {
  const wanted = 'visible ASCII without spaces, or a function that gives that'
  return unwantedSecret('token', given, wanted, at('open'))
}
