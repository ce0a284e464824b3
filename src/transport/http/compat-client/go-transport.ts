import type { Origin } from '../../../event/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import { type Cursor, start } from '../../../version/index.ts'
import type { LinkCalls } from '../link-calls.ts'
import { ownCursor, shown, unfiltered } from './go-filter.ts'
import { goEnd, goIdentity, goPlace } from './go-identity.ts'
import { GoLog } from './go-log.ts'
import { GoPush } from './go-push.ts'
import { GoServer, type GoServerOptions } from './go-server.ts'
import { followGo } from './go-stream.ts'

export interface GoTransportOptions extends GoServerOptions {
  readonly runtime: Pick<Runtime, 'sha256' | 'now'>
  readonly bodyBytes: number
}

/** The calls of a link, to a server that speaks go-sync-kit's protocol. */
export interface GoTransport extends LinkCalls {
  /** What stands for the server. */
  readonly origin: Origin
}

/**
 * A Go server keeps no record of its peers: whom it knows, what it has lost and what became of a push is all
 * found out by reading its log.
 */
export function goTransport(options: GoTransportOptions): GoTransport {
  const { base, runtime, versions } = options
  const server = new GoServer(options)
  const log = new GoLog(server, runtime)
  const bodyBytes = Math.min(options.bodyBytes, mostInPush)
  const pushing = new GoPush({ server, log, versions, bodyBytes, runtime })
  const { node, origin } = goIdentity(base, runtime)
  const limits = { count: 1_000, bytes: 4 * 1024 * 1024 }

  return {
    origin,

    async hello({ you }, signal) {
      const before = log.latest
      const end = await log.refresh('hello', signal)
      const { pulled: read, received: reached } = you?.origin === origin ? you : unknown
      const pulled = unfiltered(read)
      // Whoever holds the later place holds what came before it.
      const isPulledLater = positionOf(pulled) > positionOf(reached)
      const lost = end < before || !(await log.holds(isPulledLater ? pulled : reached, signal))
      if (lost) pushing.forget()
      else {
        pushing.pulled = positionOf(pulled)
        pushing.reached = positionOf(reached)
      }
      const filters = true
      const welcome = { node, origin, end: goEnd(end), time: runtime.now(), limits, filters }
      return lost ? { ...welcome, lost } : welcome
    },

    push: ({ changes }, signal) => pushing.push(changes, signal),

    async pull(after, want, signal) {
      // Nobody is asked for parents: the pages say that orphans are to be adopted.
      if (want.ids !== undefined) return { kind: 'page', changes: [], cursor: after, more: false }
      const page = await log.page(ownCursor(after, want), want, signal)
      return page.kind === 'reset' ? page : shown(page, want.filter)
    },

    async *subscribe(after, want, signal) {
      for await (const page of followGo(server, log, ownCursor(after, want), want, signal))
        yield page.kind === 'reset' ? page : shown(page, want.filter)
    },
  }
}

function positionOf(cursor: Cursor): bigint {
  return goPlace(cursor)?.position ?? 0n
}

const unknown = { pulled: start, received: start }
/** A Go server takes 10 MiB. */
const mostInPush = 9 * 1024 * 1024
