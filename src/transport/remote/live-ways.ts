/*
 * How a log tells of commits, as hello says it to who came over HTTP. Every server has event streams; who serves a log
 * over WebSockets as well says so here, because the two are mounted apart.
 */

/** From now on, hello says that this log is served over WebSockets as well. */
export function offersSockets(replica: object): void {
  withSockets.add(replica)
}

/** Absent where there are event streams and nothing else, as older clients take it. */
export function liveWaysOf(replica: object): { readonly live?: readonly string[] } {
  return withSockets.has(replica) ? { live: ['sse', 'websocket'] } : {}
}

const withSockets = new WeakSet<object>()
