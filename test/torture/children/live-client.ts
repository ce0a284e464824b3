// A node that follows a hub and appends for as long as it lives. Tells what it was promised, and obeys one
// order a line:
//
//     open
//     sending BATCH SIZE           an append is under way
//     stored BATCH ID...           ... and durable here
//     confirmed COUNT              the hub has that many of the batches stored, the first ones
//     warned MESSAGE                     what the link warned of
//     "finish"       -> unsent COUNT     no more is written, and the hub has confirmed all of it; "or more" if so
//     "await EVENTS" -> has EVENTS       the log holds that many
//     "nudge"                            the network may be back
//     "close"        -> left COUNT       and ends
import { silentLogger } from '../../../src/ports/index.ts'
import { SqliteStore } from '../../../src/store/sqlite/index.ts'
import { type Confirmed, SyncNode } from '../../../src/sync/index.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import { httpTransport } from '../../../src/transport/http/index.ts'
import { webSocketTransport } from '../../../src/transport/websocket/index.ts'
import { batchOf } from '../batch.ts'
import { given, heard, say } from './talk.ts'

export interface LiveClientOptions {
  readonly path: string
  readonly way: 'sse' | 'websocket'
  /** Unique among all lives of all clients of a hub. */
  readonly life: string
  /** Host and port of the hub. */
  readonly hub: string
  readonly token: string
  readonly callers: number
  /** Milliseconds from one append of a caller to its next, on average. */
  readonly pace: number
  readonly seed: string
}

const { path, way, life, hub, token, callers, pace, seed } = given<LiveClientOptions>()
const store = await SqliteStore.open({ path, node: way })
const logger = { ...silentLogger, warn: (message: string) => say('warned', message) }
const node = new SyncNode({
  store,
  transport: transport(),
  realtime: true,
  autoStart: true,
  logger,
})
say('open')
let isOver = false
let stored = 0
let latest: Confirmed | undefined
let tellStored = () => {}
const writing = Promise.all(Array.from({ length: callers }, (_, caller) => write(caller)))
const confirming = hearConfirmations()

for await (const line of heard()) {
  const [order, count] = line.split(' ')
  if (order === 'finish') await finish()
  if (order === 'await') await holds(BigInt(count as string))
  if (order === 'nudge') node.nudge()
  if (order === 'close') break
}
const { remotes } = await node.close()
say('left', remotes[0]?.unsent?.count ?? 'unknown')
process.exit()

function transport() {
  if (way === 'websocket') return webSocketTransport({ url: `ws://${hub}/sync/ws`, token })
  const headers = { authorization: `Bearer ${token}` }
  return httpTransport({ url: `http://${hub}/sync`, headers, live: 'sse' })
}

async function write(caller: number): Promise<void> {
  const random = seededRandom(`${seed}/${life}/${caller}`)
  for (let number = 1; !isOver; number++) {
    const size = random.chance(0.01) ? random.int(50, 200) : random.int(1, 4)
    await append(`${life}.${caller}.${number}`, size)
    await new Promise((resolve) => setTimeout(resolve, random.next() * 2 * pace))
  }
}

async function append(batch: string, size: number): Promise<Confirmed> {
  say('sending', batch, size)
  const { events, confirmed } = await node.append(batchOf(batch, size))
  say('stored', batch, ...events.map(({ id }) => id))
  stored++
  latest = confirmed
  tellStored()
  return confirmed
}

/** One at a time: what the last of them waits for covers all before it. */
async function hearConfirmations(): Promise<void> {
  for (let told = 0; !isOver; ) {
    if (told === stored)
      await new Promise<void>((resolve) => {
        tellStored = resolve
      })
    const count = stored
    await latest?.()
    say('confirmed', count)
    told = count
  }
}

async function finish(): Promise<void> {
  isOver = true
  await writing
  const confirmed = await append(`${life}.last`, 1)
  await confirmed()
  say('confirmed', stored)
  await confirming
  const { unsent } = await node.explain()
  say('unsent', unsent?.count ?? 'unknown', ...(unsent?.more ? ['or more'] : []))
}

async function holds(count: bigint): Promise<void> {
  const over = new AbortController()
  const commits = store.watch(over.signal)[Symbol.asyncIterator]()
  for (;;) {
    const next = commits.next()
    next.catch(() => {})
    if ((await store.status()).events >= count) break
    await next
  }
  over.abort()
  say('has', count)
}
