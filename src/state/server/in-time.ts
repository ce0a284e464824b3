import type { Runtime } from '../../runtime/index.ts'
import type { PlainRequest } from '../../transport/http/plain.ts'

/**
 * Does what a request asks for, with a signal that aborts with `late()` after `ms` milliseconds, or when the
 * client is gone. Rejects with the signal's reason as soon as it aborts, also when the work takes no notice.
 * What is done without waiting is answered, or thrown, without waiting.
 */
export function inTime<T>(
  request: PlainRequest,
  runtime: Pick<Runtime, 'timer'>,
  ms: number,
  late: () => Error,
  work: (signal: AbortSignal) => T | Promise<T>,
): T | Promise<T> {
  const controller = new AbortController()
  const working = work(controller.signal)
  if (!(working instanceof Promise)) return working
  // One promise and one controller, where `withDeadline` and `untilAborted` take several: each request pays for them.
  return new Promise((resolve, reject) => {
    let forget = () => {}
    const rest = () => {
      timer.cancel()
      forget()
    }
    const end = (reason: unknown) => {
      rest()
      controller.abort(reason)
      reject(reason)
    }
    const timer = runtime.timer(ms, () => end(late()))
    forget = request.whenGone(end)
    working.then(
      (result) => {
        rest()
        resolve(result)
      },
      (error: unknown) => {
        rest()
        reject(error)
      },
    )
  })
}
