// A served log whose subscribers are looked at from outside. Obeys one order a line:
//
//     listening URL
//     "write COUNT BYTES PAUSE"
//                          -> written COUNT       one append after the other, so many ms apart; each event
//                                                 says when it was made
//     "figures"            -> figures HELD PEAK READS      what is held once the garbage is gone
import { createInterface } from 'node:readline'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { serve } from '../../../src/server/index.ts'
import { SqliteStore } from '../../../src/store/sqlite/index.ts'
import { logHandler } from '../../../src/transport/http/index.ts'
import { memory } from '../memory.ts'
import { given, say } from './talk.ts'

export interface LiveHubOptions {
  readonly path: string
  readonly port: number
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
const { path, port } = given<LiveHubOptions>()
const store = await SqliteStore.open({ path, node: 'hub', durability: 'normal' })
let reads = 0
const { changes } = store
store.changes = (...asked) => {
  reads++
  return changes.apply(store, asked)
}
// Whoever is stuck stays: it is memory that must not grow.
const server = await serve({
  port,
  mounts: { '/sync': logHandler(store) },
  answerStall: 600_000,
})
say('listening', server.url)

for await (const line of createInterface(process.stdin)) {
  const [order, ...words] = line.split(' ')
  if (order === 'write') await write(...(words.map(Number) as [number, number, number]))
  if (order === 'figures') {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    say('figures', heapUsed + external, memory().peak, reads)
  }
}

async function write(count: number, bytes: number, pause: number): Promise<void> {
  const text = 'x'.repeat(bytes)
  for (let at = 0; at < count; at++) {
    const data = { at: performance.timeOrigin + performance.now(), text }
    await store.append([{ type: 'Ticked', aggregateId: `a${at % 10}`, data }])
    // Others have their turn: a server does more than to write.
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  say('written', count)
}
