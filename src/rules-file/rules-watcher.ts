import type { RuleSet } from '../conflict/index.ts'
import { tell } from '../conflict/rules/hooks.ts'
import { RejoinError } from '../errors/index.ts'
import type { Runtime, Timer } from '../runtime/index.ts'
import { FolderWatch } from './folder-watch.ts'
import { readRules } from './read-rules.ts'

/** A file of rules under watch. */
export interface RulesWatch {
  /** The last that could be used. */
  readonly rules: RuleSet
  /** Idempotent. Nothing is called back any more; resolves when the file is let go. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Looks at a file of rules when something happens; see `watchRules`. */
export class RulesWatcher implements RulesWatch {
  readonly #init: RulesWatcherInit
  readonly #folder: FolderWatch
  #rules: RuleSet | undefined
  /** The content that counts, or why there is none. */
  #settled = ''
  /** Seen once; counts when it is seen again. A file that is being written would be taken for a broken one. */
  #seen: string | undefined
  #timer: Timer | undefined
  #isSoon = false
  #looking: Promise<void> = Promise.resolve()
  #signal: AbortSignal | undefined
  #isClosed = false
  readonly #abort = () => void this.close()

  constructor(init: RulesWatcherInit) {
    this.#init = init
    // Before the file is first read: what happens in between must not be missed.
    this.#folder = new FolderWatch(init.path, () => this.#lookSoon())
  }

  get rules(): RuleSet {
    return this.#rules as RuleSet
  }

  /** From the content that was read first and its rules. */
  start(content: string, rules: RuleSet, signal: AbortSignal | undefined): void {
    this.#settled = textKey(content)
    this.#rules = rules
    this.#signal = signal
    signal?.addEventListener('abort', this.#abort, { once: true })
    this.#lookSoon()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#folder.close()
    this.#signal?.removeEventListener('abort', this.#abort)
    await this.#looking
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #lookSoon(): void {
    this.#lookAfter(this.#init.debounce)
  }

  #lookAfter(ms: number): void {
    if (this.#isClosed || this.#rules === undefined) return
    // One look is due at a time: a busy folder can't put it off for ever.
    if (ms === this.#init.debounce && this.#isSoon) return
    this.#isSoon = ms === this.#init.debounce
    this.#timer?.cancel()
    this.#timer = this.#init.runtime.timer(ms, () => {
      this.#isSoon = false
      this.#looking = this.#looking.then(() => this.#look())
    })
  }

  async #look(): Promise<void> {
    // First where links lead now, then what is there: whatever changes after that is noticed.
    await this.#folder.refresh()
    const found = await this.#found()
    if (this.#isClosed) return
    if (found.key !== this.#settled && found.key !== this.#seen) {
      this.#seen = found.key
      this.#lookSoon()
      return
    }
    this.#seen = undefined
    if (found.key !== this.#settled) {
      this.#settled = found.key
      this.#take(found)
    }
    if (!this.#isSoon) this.#lookAfter(this.#init.interval)
  }

  async #found(): Promise<Found> {
    try {
      const content = await readRules(this.#init.path)
      return { key: textKey(content), content }
    } catch (error) {
      const failure = RejoinError.from(error, { operation: 'read', component: 'rules-file' })
      return { key: `failed ${failure.code} ${failure.message}`, failure }
    }
  }

  #take(found: Found): void {
    if ('failure' in found) {
      this.#tell(found.failure)
      return
    }
    try {
      const rules = this.#init.parse(found.content)
      const isOther = rules.hash !== this.rules.hash
      this.#rules = rules
      const answer: unknown = isOther ? this.#init.onChange(rules) : undefined
      if (answer instanceof Promise) answer.catch((error) => this.#tell(error))
    } catch (error) {
      this.#tell(error)
    }
  }

  #tell(error: unknown): void {
    const init = { operation: 'watchRules', component: 'rules-file' }
    tell(this.#init.onError, RejoinError.from(error, init))
  }
}

interface RulesWatcherInit {
  readonly path: string
  readonly parse: (content: string) => RuleSet
  readonly onChange: (rules: RuleSet) => void
  readonly onError: ((error: RejoinError) => void) | undefined
  readonly debounce: number
  readonly interval: number
  readonly runtime: Runtime
}

type Found = { readonly key: string } & (
  | { readonly content: string }
  | { readonly failure: RejoinError }
)

function textKey(content: string): string {
  return `text ${content}`
}
