import type { ProjectionSink, SinkWrite } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { Runtime } from '../runtime/index.ts'

/** What a ledger needs of its outbox. */
export interface LedgerOptions {
  /** Under which it is kept. */
  readonly name: string
  readonly sink: ProjectionSink
  /** Milliseconds. */
  readonly lease: number
  /** Tries for which an effect that was done is remembered. */
  readonly keep: number
  readonly runtime: Pick<Runtime, 'now'>
}

/**
 * Who has which effect, and what is done. The head counts what is written and lets one worker write at a time; a token
 * is such a number. Two spaces: an effect's entry by its id, and ids by token, oldest first, which is how they are
 * forgotten.
 */
export class Ledger {
  readonly #options: LedgerOptions

  constructor(options: LedgerOptions) {
    this.#options = options
  }

  /** A token, and the lease; `undefined` when it is done. */
  claim(id: string, signal: AbortSignal | undefined): Promise<number | undefined> {
    const { runtime, lease } = this.#options
    return this.#change(
      id,
      async (known, token) => {
        if (known?.state === 'done') return { answer: undefined }
        const now = runtime.now()
        if (known !== undefined && known.until > now) throw busy(id)
        const writes = [
          ...(await this.#forget(token, now, signal)),
          ...(known === undefined ? [] : [tokenOf(known.token, null)]),
          entryOf(id, { state: 'taken', token, until: now + lease }),
          tokenOf(token, id),
        ]
        return { answer: token, writes }
      },
      signal,
    )
  }

  /** `false` when it has gone to somebody else. */
  end(id: string, token: number, state: 'done' | 'free'): Promise<boolean> {
    return this.#change(id, async (known) => {
      if (known?.state !== 'taken' || known.token !== token) return { answer: false }
      if (state === 'done')
        return { answer: true, writes: [entryOf(id, { state, token, until: 0 })] }
      return { answer: true, writes: [entryOf(id, null), tokenOf(token, null)] }
    })
  }

  /** The oldest that are done, or left by a worker that is gone, once enough tries have begun since. */
  async #forget(
    token: number,
    now: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly SinkWrite[]> {
    const { sink, name, keep } = this.#options
    const last = token - writesOfTry * keep
    if (last <= 0) return []
    const before = keyOf(last)
    const old = await sink.list(name, tokens, { before, limit: forgottenAtOnce }, signal)
    const ids = old.map(({ value }) => value)
    const found = await sink.get(name, effects, ids, signal)
    return old.flatMap(({ key, value: id }, at) => {
      const entry = entryIn(found[at])
      if (entry !== undefined && entry.until > now) return []
      return [
        { space: tokens, key, value: null },
        { space: effects, key: id, value: null },
      ]
    })
  }

  async #change<T>(
    id: string,
    decide: (known: Entry | undefined, token: number) => Promise<Change<T>>,
    signal?: AbortSignal,
  ): Promise<T> {
    const { sink, name } = this.#options
    for (;;) {
      const head = await sink.head(name, signal)
      const [found] = await sink.get(name, effects, [id], signal)
      const next = Number(head ?? 0) + 1
      const { answer, writes } = await decide(entryIn(found), next)
      if (writes === undefined) return answer
      if (await sink.commit({ name, expects: head, head: String(next), writes }, signal))
        return answer
    }
  }
}

interface Change<T> {
  readonly answer: T
  /** Absent: nothing is to be written. */
  readonly writes?: readonly SinkWrite[]
}

interface Entry {
  readonly state: 'taken' | 'done'
  readonly token: number
  /** Milliseconds since 1970; 0 when it is done. */
  readonly until: number
}

function entryIn(text: string | undefined): Entry | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Entry)
}

function entryOf(id: string, entry: Entry | null): SinkWrite {
  return { space: effects, key: id, value: entry === null ? null : JSON.stringify(entry) }
}

function tokenOf(token: number, id: string | null): SinkWrite {
  return { space: tokens, key: keyOf(token), value: id }
}

/** In the order of the numbers. */
function keyOf(token: number): string {
  return String(token).padStart(16, '0')
}

function busy(id: string): RejoinError {
  const where = { operation: 'once', component: 'projection' }
  return new RejoinError('unavailable', `another worker is at the effect ${id}`, where)
}

const effects = 'effects'
const tokens = 'tokens'
/** It is claimed, and it ends. */
const writesOfTry = 2
/** More than a try adds, so that what has piled up goes. */
const forgottenAtOnce = 8
