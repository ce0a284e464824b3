import type { Transport } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Meaning } from './meaning.ts'

/** Says at each sync by which rules this node resolves conflicts, and hears by which others do. */
export class ToldRules {
  readonly #meaning: Meaning
  readonly #logger: Logger
  #heard: readonly string[] = []
  #warned = ''

  constructor(meaning: Meaning, logger: Logger) {
    this.#meaning = meaning
    this.#logger = logger
  }

  /** Hashes that other nodes have and this one does not; none where no rules were given. */
  get others(): readonly string[] {
    const mine = this.#meaning.saidHash
    return mine === undefined ? [] : this.#heard.filter((hash) => hash !== mine)
  }

  /** The same transport, whose hello says and hears it. */
  over(transport: Transport<LogEvent>): Transport<LogEvent> {
    const subscribe = transport.subscribe?.bind(transport)
    const close = () => transport.close()
    let listens = false
    return {
      hello: async (mine, signal) => {
        // The first greeting of a sync tells whether the other end listens: older ones refuse what they don't know.
        const rules = mine.you && listens ? this.#meaning.saidHash : undefined
        const welcome = await transport.hello(
          rules === undefined ? mine : { ...mine, rules },
          signal,
        )
        listens = welcome.rules !== undefined
        this.#heard = welcome.rules ?? []
        return welcome
      },
      push: (batch, signal) => transport.push(batch, signal),
      pull: (after, want, signal) => transport.pull(after, want, signal),
      ...(subscribe && { subscribe }),
      close,
      [Symbol.asyncDispose]: close,
    }
  }

  /** Warns of other nodes' rules, once of the same. */
  warn(): void {
    const { others } = this
    const key = others.toSorted().join()
    if (key !== this.#warned && others.length > 0)
      this.#logger.warn('other nodes have other rules: one conflict may be resolved in two ways', {
        rules: this.#meaning.saidHash,
        others,
      })
    this.#warned = key
  }
}
