import { serve } from 'rejoin/server'
import type { MemoryStore } from 'rejoin/store/memory'
import { logHandler } from 'rejoin/transport/http'

/** Serves a log on this machine. A port of 0 takes any that is free. */
export function serveHub(store: MemoryStore, port = 0) {
  return serve({ mounts: { '/sync': logHandler(store) }, port })
}
