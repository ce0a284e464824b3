import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { EventStore } from '../../src/contracts/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { audit, entriesOf } from './audit.ts'
import { Child } from './child.ts'
import { moment, report, scaled, scratch, seed } from './torture.ts'
import { WritingClient } from './writing-client.ts'

const plan = scaled({ full: { kills: 20, clients: 6 }, sample: { kills: 3, clients: 4 } })

it('L1, S1: what a hub has confirmed survives its kill -9, and all end with the same events', {
  timeout: 600_000,
}, async () => {
  using folder = scratch()
  const path = join(folder.path, 'events.db')
  const serve = () => Child.command('serve', '--data', folder.path, '--port', '0')
  const random = seededRandom(seed)
  const news = new EventTarget()
  const clients = await Promise.all(
    Array.from({ length: plan.clients }, (_, at) =>
      WritingClient.open(`client-${at + 1}`, random.fork(`${at}`), (what) =>
        news.dispatchEvent(new Event(what)),
      ),
    ),
  )
  let inFlight = 0
  const someAnswers = async (count: number) => {
    for (let left = count; left > 0; left--) await once(news, 'answer')
  }
  for (let kill = 1; kill <= plan.kills; kill++) {
    await using hub = serve()
    const url = urlIn(await hub.said('listening'))
    for (const client of clients) client.unanswered = 0
    const cut = new AbortController()
    const writing = Promise.all(clients.map((client) => client.writeUntil(cut.signal, url)))
    await Promise.race([writing, someAnswers(random.int(1, 40))])
    await moment(random.next() * 5)
    if (!isPushing(clients)) await Promise.race([writing, once(news, 'push')])
    cut.abort()
    await hub.kill()
    await writing
    if (isPushing(clients)) inFlight++
    // Every other time the next hub is the first to see what the kill has left.
    if (kill % 2 === 0) await expectConfirmed(path, clients)
  }
  await expectConfirmed(path, clients)

  await using hub = serve()
  const url = urlIn(await hub.said('listening'))
  // Twice: what one brings last, the others fetch in the second round.
  for (const client of [...clients, ...clients]) expect(await client.sync(url)).toEqual([])
  await hub.kill()
  await using store = await SqliteStore.open({ path })
  const there = await idsOf(store)
  for (const client of clients) expect(await idsOf(client.store)).toEqual(there)
  report('kill -9 of a hub', {
    kills: plan.kills,
    'with pushes in flight': inFlight,
    'events confirmed, 0 missing': clients.reduce((sum, { confirmed }) => sum + confirmed.size, 0),
    [`events on the hub and on each of ${clients.length} clients`]: there.length,
  })
})

async function expectConfirmed(path: string, clients: readonly WritingClient[]): Promise<void> {
  await using store = await SqliteStore.open({ path })
  const there = new Set((await audit(store)).map(({ event }) => event.id))
  for (const { confirmed } of clients)
    expect([...confirmed].filter((id) => !there.has(id))).toEqual([])
}

function isPushing(clients: readonly WritingClient[]): boolean {
  return clients.some((client) => client.unanswered > 0)
}

async function idsOf(store: EventStore): Promise<readonly string[]> {
  return (await entriesOf(store)).map(({ event }) => `${event.id} ${event.hash}`).sort()
}

function urlIn(line: string): string {
  return line.slice('listening on '.length)
}
