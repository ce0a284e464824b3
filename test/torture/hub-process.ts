// A served log in a process of its own, so that its memory is its own. Tells its address, then answers each
// message with its memory and how many events it has stored.
import { serve } from '../../src/server/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { logHandler } from '../../src/transport/http/index.ts'
import { memory } from './memory.ts'

const log = await MemoryStore.open({ node: 'hub' })
const server = await serve({ port: 0, mounts: { '/sync': logHandler(log) } })

process.on('message', async () => {
  const { events } = await log.status()
  process.send?.({ ...memory(), events: Number(events) })
})
process.on('disconnect', () => process.exit())
process.send?.({ url: server.url })
