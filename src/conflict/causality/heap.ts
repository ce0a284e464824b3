/** Numbers, the smallest first. */
export class Heap {
  readonly #items: number[] = []

  push(item: number): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const above = (at - 1) >> 1
      if ((items[above] as number) <= item) break
      items[at] = items[above] as number
      at = above
    }
    items[at] = item
  }

  pop(): number | undefined {
    const items = this.#items
    const smallest = items[0]
    const last = items.pop()
    if (items.length > 0) this.#sink(last as number)
    return smallest
  }

  /** Puts `item` where the smallest was. */
  #sink(item: number): void {
    const items = this.#items
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= items.length) break
      if (below + 1 < items.length && (items[below + 1] as number) < (items[below] as number))
        below++
      if ((items[below] as number) >= item) break
      items[at] = items[below] as number
      at = below
    }
    items[at] = item
  }
}
