import type { ChangePage, LiveWant } from '../../../contracts/index.ts'
import type { LogEvent } from '../../../event/index.ts'
import type { Cursor } from '../../../version/index.ts'
import { goPlace } from './go-identity.ts'
import type { GoLog } from './go-log.ts'
import type { GoServer } from './go-server.ts'

/**
 * A Go server's log page by page, then what its stream of events tells. The stream alone is not enough: it
 * says nothing before there is something new, and not whether the log still is the one that is known.
 */
export async function* followGo(
  server: GoServer,
  log: GoLog,
  after: Cursor,
  want: LiveWant,
  signal: AbortSignal,
): AsyncGenerator<ChangePage<LogEvent>, void> {
  let cursor = after
  for (let isFirst = true, more = true; more; isFirst = false) {
    const page = await log.page(cursor, want, signal)
    if (isFirst || page.kind === 'reset' || page.cursor !== cursor) yield page
    if (page.kind === 'reset') return
    ;({ cursor, more } = page)
  }
  const from = goPlace(cursor)?.position ?? 0n
  for await (const entries of server.stream(from, signal)) {
    if (entries === 'reset') return yield { kind: 'reset' }
    for (const page of log.pagesOf(entries, cursor, want)) {
      yield page
      cursor = page.cursor
    }
  }
}
