import { RejoinError } from '../errors/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { untilAborted } from '../transport/remote/index.ts'

/**
 * What a subscription brings. Rejects with `timeout` when nothing at all comes within the time for the first
 * page, and with the signal's reason as soon as it aborts, also when the stream takes no notice of that.
 */
export async function* pagesOf<Page>(
  stream: AsyncIterable<Page>,
  of: {
    readonly signal: AbortSignal
    readonly runtime: Pick<Runtime, 'timer'>
    readonly timeout: number
  },
): AsyncGenerator<Page, void> {
  const pages = stream[Symbol.asyncIterator]()
  const late = new AbortController()
  const timer = of.runtime.timer(of.timeout, () => late.abort(silent(of.timeout)))
  const { signal } = of
  const either = AbortSignal.any([signal, late.signal])
  try {
    for (;;) {
      const page = await untilAborted(either, pages.next())
      timer.cancel()
      if (page.done) return
      yield page.value
    }
  } finally {
    timer.cancel()
    // Not awaited: a stream that hangs would hold up everything else.
    pages.return?.()?.then(undefined, () => {})
  }
}

function silent(ms: number): RejoinError {
  return new RejoinError('timeout', `no page of the stream within ${ms} ms`, {
    operation: 'subscribe',
    component: 'link',
    details: { timeout: ms },
  })
}
