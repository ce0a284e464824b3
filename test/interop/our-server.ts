import { serve } from '../../src/server/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { logHandler } from '../../src/transport/http/index.ts'
import type { GoEvent } from './go-process.ts'
import { asGo } from './our-events.ts'

/** A log of ours, served in this process. */
export async function ourServer(emptyVersion: '0' | '-1' = '0'): Promise<OurServer> {
  const log = await MemoryStore.open({ node: 'hub' })
  const server = await serve({
    port: 0,
    mounts: { '/sync': logHandler(log, { compat: { emptyVersion } }) },
  })
  return {
    url: `${server.url}/sync`,
    put: async (events) => {
      for (const { id, type, aggregate_id: aggregateId, data } of events)
        await log.append([{ id, type, aggregateId, data }])
    },
    events: () => asGo(log),
    async [Symbol.asyncDispose]() {
      await server.close()
      await log.close()
    },
  }
}

export interface OurServer extends AsyncDisposable {
  /** With its /sync. */
  readonly url: string
  put(events: readonly GoEvent[]): Promise<void>
  /** The log, in order. */
  events(): Promise<readonly GoEvent[]>
}
