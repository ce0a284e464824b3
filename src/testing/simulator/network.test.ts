import { beforeEach, describe, expect, it } from 'vitest'
import type { Transport } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { Origin } from '../../event/index.ts'
import { type Counts, noCounts } from './counts.ts'
import { Fence } from './fence.ts'
import type { Weather } from './line.ts'
import { fairWeather, Network } from './network.ts'
import { seededRandom } from './random.ts'
import { Scheduler } from './scheduler.ts'
import { Trace } from './trace.ts'

const mine = { origin: 'a~0000000000000000' as Origin }

let scheduler: Scheduler
let counts: Counts
let network: Network
let fence: Fence
/** The calls that b executed, at what time. */
let executed: number[]
let isUp: boolean

beforeEach(() => open())

function open(weather: Partial<Weather> = {}, seed = 1) {
  const random = seededRandom(seed)
  scheduler = new Scheduler(random)
  counts = noCounts()
  const trace = new Trace(scheduler)
  network = new Network({
    scheduler,
    random,
    trace,
    counts,
    weather: { ...fairWeather, ...weather },
  })
  fence = new Fence()
  executed = []
  isUp = true
}

function connect(answer: () => Promise<unknown> = async () => executed.length) {
  const hello = () => {
    executed.push(scheduler.now)
    return answer()
  }
  const remote = { hello } as unknown as Transport<never>
  return network.connect({ name: 'a', fence }, 'b', () => (isUp ? remote : undefined))
}

async function outcome(call: Promise<unknown>): Promise<unknown> {
  let outcome: unknown = 'pending'
  call.then(
    (value) => (outcome = value),
    (error) => (outcome = error instanceof RejoinError ? error.code : error),
  )
  await scheduler.run()
  return outcome
}

describe('the network', () => {
  it('brings a request and its answer, and takes its time', async () => {
    expect(await outcome(connect().hello(mine))).toBe(1)
    expect(executed[0]).toBeGreaterThan(0)
    expect(scheduler.now).toBeGreaterThan(executed[0]!)
  })

  it('brings the errors of the other end as they are', async () => {
    const refuse = () =>
      Promise.reject(new RejoinError('forbidden', 'no', { operation: 'hello', component: 'test' }))
    expect(await outcome(connect(refuse).hello(mine))).toBe('forbidden')
  })

  it('loses a request before it is executed, or an answer after', async () => {
    open({ loss: 0.5 })
    const seen = new Set<string>()
    for (let call = 0; call < 60; call++) {
      const before = executed.length
      const result = await outcome(connect(async () => 'done').hello(mine))
      seen.add(`${result} ${executed.length - before}`)
    }
    expect(seen).toEqual(new Set(['done 1', 'network 0', 'timeout 0', 'network 1', 'timeout 1']))
    expect(counts.lostRequests + executed.length).toBe(60)
    expect(counts.lostAnswers).toBeGreaterThan(0)
  })

  it('says of every loss that trying again may help', async () => {
    open({ loss: 1 })
    for (let call = 0; call < 10; call++) {
      const lost = expect(connect().hello(mine)).rejects.toMatchObject({ retryable: true })
      await scheduler.run()
      await lost
    }
  })

  it('executes a request twice, right away or long after its answer', async () => {
    open({ duplication: 1, lateness: 600_000 })
    for (let call = 0; call < 20; call++)
      expect(await outcome(connect().hello(mine))).toBeTypeOf('number')
    expect(executed.length).toBe(40)
    expect(counts.duplicates).toBe(20)
    const gaps = executed.map((time, at) => time - (executed[at - 1] ?? 0)).slice(1)
    expect(Math.max(...gaps)).toBeGreaterThan(300_000)
  })

  it('lets messages overtake each other', async () => {
    const transport = connect()
    for (let call = 0; call < 20; call++) void transport.hello(mine)
    await scheduler.run()
    expect(counts.reorders).toBeGreaterThan(0)
  })

  it('carries nothing between the two sides of a partition, until it heals', async () => {
    network.split(['a', 'c'], ['b'])
    for (let call = 0; call < 10; call++)
      expect(await outcome(connect().hello(mine))).toMatch(/network|timeout/)
    expect(executed).toEqual([])
    expect(counts).toMatchObject({ partitions: 1, lostRequests: 10 })
    network.partitions.heal()
    expect(network.partitions.isWhole).toBe(true)
    expect(await outcome(connect().hello(mine))).toBe(1)
  })

  it('can be cut in one direction: the call is executed, and the caller never knows', async () => {
    network.partitions.cut('b', 'a')
    expect(await outcome(connect().hello(mine))).toMatch(/network|timeout/)
    expect(executed.length).toBe(1)
  })

  it('can be cut one way between two sides', () => {
    network.cutOneWay(['a', 'c'], ['b'])
    const { partitions } = network
    expect(['a', 'c'].map((name) => partitions.isCut(name, 'b'))).toEqual([true, true])
    expect(['a', 'c'].map((name) => partitions.isCut('b', name))).toEqual([false, false])
    expect(counts).toMatchObject({ oneWayCuts: 1, partitions: 0 })
  })

  it('takes away what travels when the line is cut', async () => {
    const call = connect().hello(mine)
    network.split(['a'], ['b'])
    expect(await outcome(call)).toMatch(/network|timeout/)
    expect(executed).toEqual([])
  })

  it('says that nobody is there while the target is down', async () => {
    const transport = connect()
    isUp = false
    expect(await outcome(transport.hello(mine))).toBe('network')
    isUp = true
    expect(await outcome(transport.hello(mine))).toBe(1)
  })

  it('times out when the target dies at the call', async () => {
    expect(await outcome(connect(() => new Promise(() => {})).hello(mine))).toBe('timeout')
    expect(scheduler.now).toBe(fairWeather.patience)
  })

  it('brings nothing to a dead caller', async () => {
    const transport = connect()
    const call = transport.hello(mine)
    fence.drop()
    expect(await outcome(call)).toBe('pending')
    expect(executed.length).toBe(1)
    expect(await outcome(transport.hello(mine))).toBe('pending')
    expect(executed.length).toBe(1)
  })

  it('gives up at once when the caller aborts, though the call may be executed', async () => {
    const controller = new AbortController()
    const call = connect().hello(mine, controller.signal)
    controller.abort('enough')
    expect(await outcome(call)).toBe('enough')
    expect(executed.length).toBe(1)
    expect(await outcome(connect().hello(mine, controller.signal))).toBe('enough')
    expect(executed.length).toBe(1)
  })

  it('behaves the same for the same seed, and another way between other nodes', async () => {
    const story = async (seed: number) => {
      open({ loss: 0.2, duplication: 0.2 }, seed)
      const outcomes: unknown[] = []
      for (let call = 0; call < 30; call++) outcomes.push(await outcome(connect().hello(mine)))
      return JSON.stringify([outcomes, executed, counts])
    }
    expect(await story(1)).toBe(await story(1))
    expect(await story(1)).not.toBe(await story(2))
  })
})
