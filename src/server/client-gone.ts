import { RejoinError } from '../errors/index.ts'

/** Whether a client is still there; its signal is made for those who ask. */
export class ClientGone {
  #controller: AbortController | undefined
  #reason: RejoinError | undefined
  #listener: ((reason: unknown) => void) | undefined

  /** Aborts when the client goes away before it has its answer. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  /** One listener at a time; told at once when the client is gone by now. Returns how to stop. */
  whenGone(listener: (reason: unknown) => void): () => void {
    if (this.#reason !== undefined) listener(this.#reason)
    else this.#listener = listener
    return this.#forget
  }

  readonly #forget = (): void => {
    this.#listener = undefined
  }

  get isGone(): boolean {
    return this.#reason !== undefined
  }

  leave(): void {
    this.#reason ??= new RejoinError('network', 'the client went away', {
      operation: 'serve',
      component: 'server',
    })
    this.#controller?.abort(this.#reason)
    this.#listener?.(this.#reason)
  }
}
