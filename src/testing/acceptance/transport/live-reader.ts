import { deepStrictEqual, ok } from 'node:assert/strict'
import type { ChangePage, Page, PullWant, Transport } from '../../../contracts/index.ts'
import { type Cursor, start } from '../../../version/index.ts'
import type { TransportBench } from './bench.ts'
import { everything, idsOf } from './calls.ts'
import type { Moving } from './kind.ts'

/** Somebody who reads a subscription, one page at a time. */
export interface LiveReader {
  readonly cursor: Cursor
  /** The next page, which must come soon. */
  page(): Promise<Page<Moving>>
  /** Whatever comes next; nothing when it has ended. */
  next(): Promise<ChangePage<Moving> | undefined>
  /** Reads on until these changes came: each once, in this order, and nothing else. */
  reads(changes: readonly Moving[]): Promise<void>
  stop(reason?: Error): void
}

export function liveReader(
  { soon }: Pick<TransportBench, 'soon'>,
  transport: Transport<Moving>,
  { after = start, ...want }: Partial<PullWant<Moving>> & { readonly after?: Cursor } = {},
): LiveReader {
  const end = new AbortController()
  const pages = subscribed(transport, after, want, end.signal)[Symbol.asyncIterator]()
  let cursor = after
  const next = async () => {
    const { done, value } = await soon('the next page', pages.next())
    return done ? undefined : (value as ChangePage<Moving>)
  }
  const page = async () => {
    const came = await next()
    ok(came?.kind === 'page', `${came?.kind ?? 'an end'} came instead of a page`)
    cursor = came.cursor
    return came
  }
  return {
    get cursor() {
      return cursor
    },
    page,
    next,
    async reads(changes) {
      const seen: string[] = []
      while (seen.length < changes.length) seen.push(...idsOf((await page()).changes))
      deepStrictEqual(seen, idsOf(changes))
    },
    stop: (reason) => end.abort(reason),
  }
}

export function subscribed(
  transport: Transport<Moving>,
  after: Cursor,
  want: Partial<PullWant<Moving>>,
  signal: AbortSignal,
): AsyncIterable<ChangePage<Moving>> {
  const { count, bytes, filter } = { ...everything, ...want }
  const pages = transport.subscribe?.(after, { count, bytes, ...(filter && { filter }) }, signal)
  ok(pages !== undefined, 'a transport that is live has subscribe')
  return pages
}
