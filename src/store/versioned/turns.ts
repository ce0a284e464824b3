/** Runs one piece of work at a time, in the order they came. What is aborted while it waits never begins. */
export function turns() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const stop = () => reject(signal?.reason)
    const mine = last.then(() => {
      signal?.removeEventListener('abort', stop)
      signal?.throwIfAborted()
      return work()
    })
    last = mine.catch(() => {})
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
    return Promise.race([mine, aborted])
  }
}
