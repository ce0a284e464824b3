import { expect, it } from 'vitest'
import type { LinkedChange } from '../src/contracts/index.ts'
import { Link, syncOnce } from '../src/link/index.ts'
import { systemRuntime } from '../src/runtime/index.ts'
import { patternFilter } from '../src/store/state/index.ts'
import { scriptedTransport } from '../src/testing/doubles/scripted.ts'
import { memoryTransport } from '../src/transport/memory/index.ts'
import { until } from './linked.ts'
import { stateMember, syncState, versionsIn } from './state-fleet.ts'

const noon = 1_777_636_800_000
const hour = 3_600_000

it('T1: what loses on arrival is a duplicate, and what won goes back to whoever lost, once', async () => {
  const time = { now: noon }
  const [one, other] = [await stateMember('one', time), await stateMember('other', time)]
  await one.state.set('things/a', 'older')
  time.now += 10
  await other.state.set('things/a', 'newer')
  const travelled: string[] = []
  const transport = scriptedTransport<LinkedChange>(memoryTransport<LinkedChange>(other.storage), {
    async push(push, batch, signal) {
      const answer = await push(batch, signal)
      const kinds = answer.kind === 'applied' ? answer.receipts.map(({ kind }) => kind) : []
      travelled.push(...batch.changes.map(({ dataText }, at) => `to ${dataText} ${kinds[at]}`))
      return answer
    },
    async pull(pull, ...args) {
      const page = await pull(...args)
      if (page.kind === 'page')
        travelled.push(...page.changes.map(({ dataText }) => `from ${dataText}`))
      return page
    },
  })
  const sync = () => syncOnce<LinkedChange>({ replica: one.storage, transport })
  expect((await sync()).errors).toEqual([])
  expect(travelled.toSorted()).toEqual(['from "newer"', 'to "older" duplicate'])
  await sync()
  expect(travelled).toHaveLength(2)
  expect(await versionsIn(one)).toEqual(await versionsIn(other))
})

it('T1: what a merge has made of two goes to both, and neither gets its own back', async () => {
  const time = { now: noon }
  const [one, other] = [await stateMember('one', time), await stateMember('other', time)]
  await one.state.set('users/a', { name: 'Ann', age: 1 })
  await syncState(one, other)
  time.now += 10
  await one.state.patch('users/a', { age: 2 })
  time.now += 10
  await other.state.patch('users/a', { name: 'Bo' })
  await syncState(one, other)
  await syncState(one, other)
  for (const { state } of [one, other])
    expect((await state.get('users/a'))?.dataText).toBe('{"age":2,"name":"Bo"}')
  expect(await versionsIn(one)).toEqual(await versionsIn(other))
  expect(await syncState(one, other)).toMatchObject({ pushed: 0, pulled: 0, errors: [] })
})

it('T5: what is stamped a day ahead is refused by who is given it, waits, and is taken once that is past', async () => {
  const time = { now: noon }
  const ahead = await stateMember('ahead', time, { skew: 25 * hour })
  const hub = await stateMember('hub', time)
  await ahead.state.set('things/a', 'from tomorrow')
  const [refused] = (await syncState(ahead, hub)).errors
  expect(refused?.code).toBe('rejected')
  expect(refused?.retryable).toBe(true)
  expect(await hub.state.get('things/a')).toBeUndefined()
  // It holds nothing else up.
  time.now += 2 * hour
  await ahead.state.set('things/b', 'later')
  const { errors } = await syncState(ahead, hub)
  expect(errors.map(({ code }) => code)).toEqual(['rejected'])
  expect((await hub.state.get('things/a'))?.data).toBe('from tomorrow')
  time.now += 2 * hour
  expect((await syncState(ahead, hub)).errors).toEqual([])
  expect(await versionsIn(hub)).toEqual(await versionsIn(ahead))
})

it('a link that is live carries writes and deletes as they are made, under its filter', async () => {
  const time = { now: noon }
  const one = await stateMember('one', time, { kind: 'sqlite' })
  const other = await stateMember('other', time)
  const link = new Link<LinkedChange>({
    replica: one.storage,
    transport: memoryTransport<LinkedChange>(other.storage),
    filter: patternFilter(['things/*'], systemRuntime),
  })
  link.start()
  await until(() => link.phase === 'live', 'live')
  await one.state.set('own/a', 'stays')
  for (let n = 0; n < 20; n++) {
    await one.state.set(`things/${n % 5}`, n)
    await other.state.set(`things/${n % 7}`, -n)
  }
  await other.state.delete('things/3')
  const level = async () => {
    const [here, there] = [await versionsIn(one), await versionsIn(other)]
    return (
      JSON.stringify([...here.keys()]) === JSON.stringify(['own/a', ...there.keys()]) &&
      [...there].every(
        ([path, { updated, created }]) =>
          here.get(path)?.updated === updated && here.get(path)?.created === created,
      )
    )
  }
  await until(level, 'agreement')
  expect(await one.state.get('things/3')).toBeUndefined()
  expect(await other.state.get('own/a')).toBeUndefined()
  await link.close()
})
