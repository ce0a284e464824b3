/** The methods of `T` that answer with a promise: those that a script may change. */
export type Asynchronous<T> = {
  [Name in keyof T]-?: T[Name] extends (...args: never[]) => Promise<unknown> ? Name : never
}[keyof T] &
  string

/** Runs in place of a method, which it may call, or not: before, after or instead is its choice. */
export type Hook<T, Name extends Asynchronous<T>> = T[Name] extends (
  ...args: infer Args
) => infer Answer
  ? (call: T[Name], ...args: Args) => Answer
  : never

export type Hooks<T> = { readonly [Name in Asynchronous<T>]?: Hook<T, Name> }

/** Which calls something happens to; all of them unless it says which. */
export interface When {
  /** Only the n-th call from now on, counted from 1. */
  readonly nth?: number
}

/** One call, and what has become of it so far. */
export type RecordedCall<T> = {
  readonly [Name in Asynchronous<T>]: {
    readonly method: Name
    readonly args: readonly unknown[]
    readonly outcome: 'pending' | 'resolved' | 'rejected'
    /** What it resolved or rejected with. */
    readonly result?: unknown
  }
}[Asynchronous<T>]

/** A place where calls wait. */
export interface Gate {
  /** Resolves when the first call waits here. */
  readonly reached: Promise<void>
  /** Lets through who waits and whoever comes; idempotent. */
  release(): void
}

/**
 * What happens to the calls of a double, and what has happened. What is asked for first goes around what is
 * asked for later: a delay and then a failure fail late. Each call counts from the moment it is made.
 */
export interface Script<T> {
  /** In the order they were made; of very many the newest 10,000. */
  readonly calls: readonly RecordedCall<T>[]

  /**
   * Rejects with `error`. By default the call is not made at all, as if it was lost on its way; with
   * `after` it is made, and its answer is lost.
   */
  fail<Name extends Asynchronous<T>>(
    method: Name | readonly Name[],
    error: unknown,
    when?: When & { readonly after?: boolean },
  ): void

  /** Waits that many milliseconds of the runtime before the call is made; ends early when its signal aborts. */
  delay<Name extends Asynchronous<T>>(method: Name | readonly Name[], ms: number, when?: When): void

  /** Has calls wait until they are released; a call whose signal aborts meanwhile rejects with its reason. */
  hold<Name extends Asynchronous<T>>(method: Name | readonly Name[], when?: When): Gate

  /** Runs `hook` in place of the method. */
  through<Name extends Asynchronous<T>>(method: Name, hook: Hook<T, Name>, when?: When): void

  /** From here on calls go straight through again. What waits goes on waiting. */
  reset(): void
}
