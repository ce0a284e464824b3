import { expect } from 'vitest'
import type { ChangePage } from '../../src/contracts/index.ts'
import type { LogEvent } from '../../src/event/index.ts'
import { serve } from '../../src/server/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { httpTransport, logHandler } from '../../src/transport/http/index.ts'
import { start } from '../../src/version/index.ts'
import { GoProcess } from './go-process.ts'
import { asGo } from './our-events.ts'
import { ourEvents } from './our-writing.ts'

/** A client of that program follows our stream from the beginning, also past a restart of our server. */
export async function followsOurs(program: string) {
  await using log = await MemoryStore.open({ node: 'hub' })
  await log.append(ourEvents(250, 'before'))
  const mounts = { '/sync': logHandler(log, { heartbeat: 20 }) }
  const first = await serve({ port: 0, mounts })
  await using go = await GoProcess.client(program, `${first.url}/sync`)
  const caughtUp = await go.ask<Followed>('follow 250')
  expect(caughtUp).toEqual({ events: 250, again: 0, batches: 3, largest: 100, connections: 1 })

  const following = go.ask<Followed>('follow 400')
  await log.append(ourEvents(100, 'live'))
  await first.close()
  await using _second = await serve({ port: first.port, mounts })
  await log.append(ourEvents(50, 'later'))
  const followed = await following
  expect(followed.events).toBe(400)
  // It begins at the beginning each time; ids make that harmless.
  expect(followed.again).toBeGreaterThanOrEqual(250)
  expect(followed.largest).toBe(100)
  expect(await go.events()).toEqual(await asGo(log))
  return { events: followed.events, 'came again': followed.again }
}

/** Our client follows the stream of that server. Ends the server. */
export async function isFollowed(server: GoProcess) {
  await using go = server
  await go.ask('write 250 before')
  await using transport = httpTransport({ url: go.url, protocol: 'compat' })
  const stop = new AbortController()
  const want = { count: 200, bytes: 1e6 }
  const pages = transport.subscribe?.(start, want, stop.signal)[Symbol.asyncIterator]()
  const ids: string[] = []
  const take = async () => {
    const page: ChangePage<LogEvent> = (await pages?.next())?.value
    if (page.kind === 'page') ids.push(...page.changes.map(({ id }) => id))
  }
  while (ids.length < 250) await take()
  // It says nothing, not even its headers, before there is something.
  const live = take()
  await go.ask('write 150 live')
  await live
  while (ids.length < 400) await take()
  expect(ids).toEqual((await go.events()).map(({ id }) => id))
  stop.abort()
  return { events: ids.length }
}

interface Followed {
  readonly events: number
  readonly again: number
  readonly batches: number
  readonly largest: number
  readonly connections: number
}
