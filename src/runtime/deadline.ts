import type { Runtime } from './runtime.ts'

/**
 * Runs `work` with a signal that aborts with `late()` after `ms`, or as soon as `outer` does. The timer
 * is gone when the work is done.
 */
export async function withDeadline<T>(
  runtime: Runtime,
  ms: number,
  outer: AbortSignal | undefined,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted()
  const controller = new AbortController()
  const timer = runtime.timer(ms, () => controller.abort(late()))
  const follow = () => controller.abort(outer?.reason)
  outer?.addEventListener('abort', follow, { once: true })
  try {
    return await work(controller.signal)
  } finally {
    timer.cancel()
    outer?.removeEventListener('abort', follow)
  }
}
