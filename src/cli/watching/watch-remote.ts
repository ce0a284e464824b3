import { RejoinError } from '../../errors/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import type { Explanation, SyncNode, SyncResult } from '../../sync/index.ts'
import type { CommandIo } from '../command-io.ts'
import type { WatchReport } from './watch-report.ts'

/**
 * Lets a node follow its remote until the signal aborts, telling of what moves and of what it waits for. Then
 * it pushes what is left, if that goes quickly, and says what is unsent. Answers with the exit code: 0 when the
 * remote has everything, 1 otherwise.
 */
export async function watchRemote(
  node: SyncNode,
  report: WatchReport,
  { signal, out }: Pick<CommandIo, 'signal' | 'out'>,
  { pushes }: { readonly pushes: boolean },
): Promise<number> {
  const link = node.links()[0] as ReturnType<SyncNode['links']>[number]
  const news = new News()
  const stopTelling = [
    node.subscribe((result) => news.moved(result)),
    link.onTransition(() => news.wake()),
  ]
  let last: Explanation | undefined
  node.startAutoSync()
  while (!signal.aborted && !out.gone && link.phase !== 'closed') {
    for (const result of news.take()) await report.moved(result)
    last = (await explained(node, signal)) ?? last
    if (last !== undefined && !signal.aborted) await report.state(last)
    // What is committed while it waits is no news to a link, and a clock on a terminal goes on.
    await news.next(signal)
  }
  report.closing()
  const { remotes } = await node.close({ flush: pushes })
  for (const stop of stopTelling) stop()
  for (const result of news.take()) await report.moved(result)
  return report.end({ unsent: remotes[0]?.unsent, refused: last?.parked.length ?? 0 })
}

/** What has moved and not been told yet, and whether there is anything to look at. */
class News {
  #results: SyncResult[] = []
  #woken = Promise.withResolvers<void>()

  moved(result: SyncResult): void {
    if (result.pushed + result.pulled === 0) return
    this.#results.push(result)
    this.wake()
  }

  wake(): void {
    this.#woken.resolve()
  }

  take(): readonly SyncResult[] {
    const results = this.#results
    this.#results = []
    this.#woken = Promise.withResolvers()
    return results
  }

  /** Something happened, or a second has gone by, or the signal aborted. */
  async next(signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const second = systemRuntime.sleep(pause, AbortSignal.any([signal, over.signal]))
    await Promise.race([this.#woken.promise, second.catch(() => {})])
    over.abort()
  }
}

/** `undefined` when the log is too busy to be asked just now, or nobody wants to know any more. */
async function explained(node: SyncNode, signal: AbortSignal): Promise<Explanation | undefined> {
  try {
    return await node.explain(undefined, { signal })
  } catch (error) {
    if (signal.aborted || (error instanceof RejoinError && error.retryable)) return undefined
    throw error
  }
}

/** Milliseconds between two looks when nothing happens. */
const pause = 1_000
