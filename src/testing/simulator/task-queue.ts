/** Something to do at a virtual time. */
export interface Task {
  readonly time: number
  /** Decides among tasks of the same time; random, so that no run depends on a lucky order. */
  readonly tie: number
  /** Decides when the ties are equal as well. */
  readonly order: number
  readonly label: string
  readonly run: () => void
}

/** Tasks by time: a binary heap that skips what was removed. */
export class TaskQueue {
  readonly #heap: Task[] = []
  readonly #present = new Set<Task>()

  get first(): Task | undefined {
    while (this.#heap.length > 0 && !this.#present.has(this.#heap[0] as Task)) this.#dropFirst()
    return this.#heap[0]
  }

  add(task: Task): void {
    this.#present.add(task)
    this.#heap.push(task)
    this.#rise(this.#heap.length - 1)
  }

  /** Removing what is not there does nothing. */
  remove(task: Task): void {
    this.#present.delete(task)
  }

  #dropFirst(): void {
    const last = this.#heap.pop() as Task
    if (this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >>> 1
      if (!this.#swapIfBefore(at, parent)) return
      at = parent
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      const left = 2 * at + 1
      if (left >= this.#heap.length) return
      const right = left + 1
      const least = right < this.#heap.length && this.#isBefore(right, left) ? right : left
      if (!this.#swapIfBefore(least, at)) return
      at = least
    }
  }

  #swapIfBefore(one: number, other: number): boolean {
    if (!this.#isBefore(one, other)) return false
    const held = this.#heap[one] as Task
    this.#heap[one] = this.#heap[other] as Task
    this.#heap[other] = held
    return true
  }

  #isBefore(one: number, other: number): boolean {
    const a = this.#heap[one] as Task
    const b = this.#heap[other] as Task
    if (a.time !== b.time) return a.time < b.time
    return a.tie !== b.tie ? a.tie < b.tie : a.order < b.order
  }
}
