import { describe, expect, it } from 'vitest'
import { eventsOf, type Machine, machine } from '../../../../test/fleet.ts'
import { type EventFilter, filterOf } from '../../../event/index.ts'
import { type LinkResult, syncOnce } from '../../../link/index.ts'
import { systemRuntime } from '../../../runtime/index.ts'
import { type GoServerFixture, goServer } from '../../fixtures/go-server.ts'
import { httpTransport } from '../client.ts'

describe('a filter, where the remote is a Go server that knows none', () => {
  it('is held to on arrival, and another one fills in what may be seen now', async () => {
    const go = goServer()
    const [one, other] = [await machine('one'), await machine('other')]
    await typed(one, 'x', 'a', 'x1')
    await typed(one, 'y', 'a', 'y1')
    await typed(one, 'x', 'b', 'x2')
    await synced(go, one)
    const filter = { aggregates: ['a'], types: ['x'] }
    expect(await synced(go, other, filter)).toMatchObject({ pulled: 1, pushed: 0 })
    expect(await seenBy(other)).toEqual({ x1: true, y1: false })
    expect(await other.store.heads('a')).toEqual(['y1'])

    expect(await synced(go, other, filter)).toMatchObject({ pulled: 0 })
    const only = { key: 'y', matches: ({ type }: { type: string }) => type === 'y' }
    expect(await synced(go, other, only)).toMatchObject({ pulled: 1 })
    expect(await seenBy(other)).toEqual({ x1: true, y1: true, x2: false })
    expect(await synced(go, other)).toMatchObject({ pulled: 1 })
    expect(await seenBy(other)).toEqual({ x1: true, y1: true, x2: true })
  })

  it('holds for what is pushed, and a wider one pushes the rest', async () => {
    const go = goServer()
    const one = await machine('one')
    await typed(one, 'x', 'a', 'x1')
    await typed(one, 'y', 'a', 'y1')
    await typed(one, 'x', 'diary', 'x2')
    await synced(go, one, { aggregates: ['a'], types: ['x'] })
    expect(go.ids).toEqual(['x1'])
    await synced(go, one)
    expect(go.ids.toSorted()).toEqual(['x1', 'x2', 'y1'])
  })

  it('by tenant is refused: whose an aggregate is, nobody there knows', async () => {
    const go = goServer()
    const [one, other] = [await machine('one'), await machine('other')]
    await typed(one, 'x', 'a', 'x1')
    await synced(go, one)
    const { errors } = await trySync(go, other, { tenant: 't' })
    expect(errors.map(({ code }) => code)).toEqual(['protocol'])
    expect(await seenBy(other)).toEqual({})
  })
})

async function synced(go: GoServerFixture, from: Machine, filter?: EventFilter) {
  const result = await trySync(go, from, filter)
  expect(result.errors).toEqual([])
  return result
}

function trySync(go: GoServerFixture, from: Machine, given?: EventFilter): Promise<LinkResult> {
  const transport = httpTransport({ url: 'http://go.test/', fetch: go.fetch })
  const filter = given && filterOf(given, systemRuntime, { operation: 'test', component: 'test' })
  return syncOnce({ replica: from.store, transport, ...(filter && { filter }) })
}

async function typed({ store }: Machine, type: string, aggregateId: string, id: string) {
  await store.append([{ id, type, aggregateId, data: { id } }])
}

/** What is there, and whether its content is. */
async function seenBy(one: Machine): Promise<Readonly<Record<string, boolean>>> {
  return Object.fromEntries((await eventsOf(one)).map(({ id, stub }) => [id, stub === null]))
}
