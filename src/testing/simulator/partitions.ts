/** Which ways of a network are cut. Each direction is cut by itself. */
export class Partitions {
  readonly #cuts = new Set<string>()

  isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from}>${to}`)
  }

  get isWhole(): boolean {
    return this.#cuts.size === 0
  }

  cut(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`)
  }

  /** Cuts both ways between every node of the one side and every node of the other. */
  split(side: readonly string[], other: readonly string[]): void {
    for (const one of side)
      for (const two of other) {
        this.cut(one, two)
        this.cut(two, one)
      }
  }

  heal(): void {
    this.#cuts.clear()
  }
}
