/** The newest value for any number of readers, each at its own pace. */
export class Latest<Value> {
  #held: { readonly value: Value } | undefined
  #changes = 0
  #end: { readonly error: unknown } | 'closed' | undefined
  #wake = Promise.withResolvers<void>()

  get isLoaded(): boolean {
    return this.#held !== undefined
  }

  get value(): Value | undefined {
    return this.#held?.value
  }

  set(value: Value): void {
    this.#held = { value }
    this.#changes++
    this.#turn()
  }

  /** Readers end, or reject with the error; the first call counts. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? 'closed' : { error }
    this.#turn()
  }

  async *read(): AsyncGenerator<Value, void> {
    for (let seen = 0; ; ) {
      if (this.#held !== undefined && seen !== this.#changes) {
        seen = this.#changes
        yield this.#held.value
      } else if (this.#end !== undefined) {
        if (this.#end === 'closed') return
        throw this.#end.error
      } else await this.#wake.promise
    }
  }

  #turn(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }
}
