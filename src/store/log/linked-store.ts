import type * as contract from '../../contracts/index.ts'
import { abortSignal, isSignal, unwanted } from '../../errors/check.ts'
import type { LinkId, Origin } from '../../event/index.ts'
import { checkConfirmation, checkSettlement, checkText } from './check-calls.ts'
import type { LinkContext, ReaderContext } from './context.ts'
import * as links from './links.ts'
import { noteReader } from './readers.ts'

/** How a driver runs the rules of a store: synchronously, inside its transactions. */
export interface StoreEngine<Context> {
  /** On a consistent snapshot of what is durable. */
  read<T>(work: (context: Context) => T, signal: AbortSignal | undefined): Promise<T>
  /** Resolves when what `work` wrote is durable; what it throws leaves nothing behind. */
  write<T>(work: (context: Context) => T, signal: AbortSignal | undefined): Promise<T>
  watch(signal: AbortSignal): AsyncIterable<void>
  close(): Promise<void>
}

/** What links need of a store, whatever it holds: who it is, and what it keeps of each of them. */
export class LinkedStore<Context extends LinkContext & ReaderContext> {
  readonly #engine: StoreEngine<Context>
  readonly #component: string

  constructor(engine: StoreEngine<Context>, component: string) {
    this.#engine = engine
    this.#component = component
  }

  identity(signal?: AbortSignal): Promise<contract.Identity> {
    return this.read('identity', ({ tables }) => links.identityOf(tables), signal)
  }

  link(id: LinkId, signal?: AbortSignal): Promise<contract.LinkState> {
    return this.read(
      'link',
      ({ tables }) => {
        checkText('link', 'id', id)
        return links.linkState(tables, id)
      },
      signal,
    )
  }

  settle(settlement: contract.Settlement, signal?: AbortSignal): Promise<boolean> {
    return this.write(
      'settle',
      ({ tables }) => {
        checkSettlement(settlement)
        return links.settle(tables, settlement)
      },
      signal,
    )
  }

  resetLink(id: LinkId, signal?: AbortSignal): Promise<void> {
    return this.write(
      'resetLink',
      ({ tables }) => {
        checkText('resetLink', 'id', id)
        links.resetLink(tables, id)
      },
      signal,
    )
  }

  knowledge(peer: Origin, signal?: AbortSignal): Promise<contract.PeerKnowledge> {
    return this.read(
      'knowledge',
      ({ tables }) => {
        checkText('knowledge', 'peer', peer)
        return links.knowledgeOf(tables, peer)
      },
      signal,
    )
  }

  confirm(
    peer: LinkId,
    as: Origin,
    known: contract.PeerKnowledge,
    signal?: AbortSignal,
  ): Promise<contract.Confirmation> {
    return this.write('confirm', (context) => confirmIn(context, peer, as, known), signal)
  }

  renewOrigin(as: Origin, signal?: AbortSignal): Promise<void> {
    return this.write(
      'renewOrigin',
      (context) => {
        if (context.tables.meta.origin === as) links.renewOrigin(context)
      },
      signal,
    )
  }

  watch(signal: AbortSignal): AsyncIterable<void> {
    abortSignal(signal ?? null, { operation: 'watch', component: this.#component })
    return this.#engine.watch(signal)
  }

  close(): Promise<void> {
    return this.#engine.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** What `work` finds wrong with its arguments rejects, as everything it throws does. */
  protected read<T>(
    operation: string,
    work: (context: Context) => T,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return isSignal(signal) ? this.#engine.read(work, signal) : this.#refused(operation, signal)
  }

  /** As `read`. */
  protected write<T>(
    operation: string,
    work: (context: Context) => T,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return isSignal(signal) ? this.#engine.write(work, signal) : this.#refused(operation, signal)
  }

  #refused(operation: string, given: unknown): Promise<never> {
    const where = { operation, component: this.#component }
    return Promise.reject(unwanted('signal', given, 'an AbortSignal', where))
  }
}

/** Part of a greeting: what the peer knows of this store, and how far it has read. */
export function confirmIn(
  context: LinkContext & ReaderContext,
  peer: LinkId,
  as: Origin,
  known: contract.PeerKnowledge,
): contract.Confirmation {
  checkConfirmation(peer, as, known)
  const confirmation = links.confirm(context, peer, as, known)
  if (confirmation !== 'renewed') noteReader(context, peer, known.pulled)
  return confirmation
}
