import { RejoinError } from '../errors/index.ts'

/** Whether a client is still there; its signal is made for those who ask. */
export class ClientGone {
  #controller: AbortController | undefined
  #reason: RejoinError | undefined

  /** Aborts when the client goes away before it has its answer. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    return this.#controller.signal
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
  }
}
