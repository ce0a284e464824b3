import type { EventStore, Transport } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import { type Cursor, parseCursor, readUpTo } from '../../version/index.ts'
import { grouped } from '../terminal/figures.ts'
import type { ProgressState } from '../terminal/progress.ts'

export interface TransportWatch {
  readonly push: boolean
  readonly pull: boolean
  show(state: ProgressState): void
}

/**
 * The transport, and how far a sync over it has come: what the outbox held at the hello and what has been
 * sent since, where the remote's log ended and up to where it has been read. A hello after all of that is done
 * begins anew, if there is something left.
 */
export function watchedTransport(
  transport: Transport<LogEvent>,
  store: EventStore,
  watch: TransportWatch,
): Transport<LogEvent> {
  const sent = { done: 0, total: 0 }
  const read = { done: 0, total: 0 }
  let from = 0
  const show = () => {
    const note = `sent ${grouped(sent.done)}, read ${grouped(read.done)}`
    watch.show({
      label: 'syncing',
      done: sent.done + read.done,
      total: sent.total + read.total,
      note,
    })
  }
  return {
    async hello(mine, signal) {
      if (mine.you === undefined) watch.show({ label: 'connecting', done: 0 })
      const welcome = await transport.hello(mine, signal)
      const { links, events } = await store.status(signal)
      const link = links.find((one) => one.link === welcome.origin)
      const pulled = positionOf(link?.pulled)
      const unsent = watch.push ? Number(link?.unsynced ?? events) : 0
      const unread = watch.pull ? Math.max(0, positionOf(welcome.end) - pulled) : 0
      // At the end of a sync the remote is told what has been read: nothing begins with that.
      if (unsent + unread > 0) {
        for (const one of [sent, read]) if (one.done >= one.total) one.done = 0
        // Of a sync that greets again: what is read goes on from what was.
        from = pulled - read.done
        sent.total = sent.done + unsent
        read.total = read.done + unread
      }
      show()
      return welcome
    },
    async push(batch, signal) {
      const answer = await transport.push(batch, signal)
      if (answer.kind === 'applied') sent.done += batch.changes.length
      show()
      return answer
    },
    async pull(after, want, signal) {
      const page = await transport.pull(after, want, signal)
      if (page.kind === 'page' && want.ids === undefined)
        read.done = Math.max(read.done, positionOf(page.cursor) - from)
      show()
      return page
    },
    ...(transport.subscribe && {
      subscribe: (after, want, signal) =>
        (transport as Required<Transport<LogEvent>>).subscribe(after, want, signal),
    }),
    close: () => transport.close(),
    [Symbol.asyncDispose]: () => transport.close(),
  }
}

// A remote that is not one of ours has cursors of its own kind; then the bar only knows what is sent.
function positionOf(cursor: Cursor | undefined): number {
  const point = cursor === undefined ? undefined : parseCursor(cursor)
  return point === undefined ? 0 : Number(readUpTo(point))
}
