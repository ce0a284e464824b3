import { MemoryStore } from '../../src/store/memory/index.ts'
import { SyncNode } from '../../src/sync/index.ts'
import { collectedRunner } from '../../src/testing/acceptance/collected-runner.ts'
import { eventStoreSuite } from '../../src/testing/acceptance/event-store/suite.ts'
import { transportSuite } from '../../src/testing/acceptance/transport/suite.ts'
import { httpTransport } from '../../src/transport/http/index.ts'
import { memoryTransport } from '../../src/transport/memory/index.ts'
import { journalFixture, memoryFixture } from '../acceptance/memory-fixture.ts'
import { memoryTransportFixture } from '../acceptance/memory-transport-fixture.ts'
import { ok, strictEqual } from './assert.ts'

/** What came of the suite, in a form that crosses threads. */
export interface WorkerReport {
  readonly globals: readonly string[]
  readonly passed: number
  readonly skipped: number
  readonly failures: readonly string[]
}

const runner = collectedRunner()

eventStoreSuite(runner, memoryFixture())
eventStoreSuite(runner, journalFixture())
transportSuite(runner, memoryTransportFixture())
runner.it('two nodes sync', async () => {
  const hub = await MemoryStore.open()
  const nodes = await Promise.all(
    [1, 2].map(async () => {
      const store = await MemoryStore.open()
      return new SyncNode({ store, transport: memoryTransport(hub) })
    }),
  )
  for (const node of nodes) await node.append([{ type: 'Said', aggregateId: 'a', data: 'hello' }])
  for (const node of [...nodes, ...nodes]) ok((await node.sync()).ok)
  for (const node of nodes) strictEqual((await node.status()).events, 2n)
})
runner.it('the client for HTTP says what it lacks', async () => {
  const fetch = () => Promise.reject(new TypeError('no network in here'))
  const store = await MemoryStore.open()
  const node = new SyncNode({
    store,
    transport: httpTransport({ url: 'http://127.0.0.1:1', fetch }),
  })
  const { ok: isOk, errors } = await node.sync()
  ok(!isOk)
  strictEqual(errors[0]?.code, 'network')
})

/** Runs everything; never rejects. */
export async function report(): Promise<WorkerReport> {
  const failed = await runner.failures()
  return {
    globals: Object.getOwnPropertyNames(globalThis),
    passed: runner.collected - failed.length,
    skipped: runner.skipped.length,
    failures: failed.map(({ name, error }) => `${name}: ${(error as Error).stack}`),
  }
}
