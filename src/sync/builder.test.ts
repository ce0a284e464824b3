import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../store/memory/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode, syncNode } from './index.ts'

describe('a builder', () => {
  it('builds a node, and checks nothing before', async () => {
    const hub = await MemoryStore.open()
    const builder = syncNode()
      .batchSize(-1)
      .store(await MemoryStore.open())
    await using node = builder.batchSize(5).transport(memoryTransport(hub)).build()
    expect(node).toBeInstanceOf(SyncNode)
    expect((await node.sync()).ok).toBe(true)
  })

  it('names everything that is wrong at once', () => {
    const build = () => syncNode().batchSize(0).timeout(-1).pushOnly().pullOnly().build()
    expect(build).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        details: {
          problems: [
            'store is missing: an open event store, such as await SqliteStore.open(…)',
            'batchSize must be a whole number above 0, not 0',
            'timeout must be a whole number from 1 to 2147483647, not -1',
            'pushOnly and pullOnly exclude each other: leave one of them out',
          ],
        },
      }),
    )
  })

  it('refuses push-only and pull-only together, and takes one of them off again', async () => {
    const builder = syncNode()
      .store(await MemoryStore.open())
      .pushOnly()
      .pullOnly()
    expect(() => builder.build()).toThrow(/pushOnly.*pullOnly/)
    expect(builder.pushOnly(false).build()).toBeInstanceOf(SyncNode)
  })

  it('forgets everything when it is reset', async () => {
    const builder = syncNode()
      .store(await MemoryStore.open())
      .interval(-5)
    expect(() => builder.build()).toThrow(/interval/)
    expect(() => builder.reset().build()).toThrow(/^store is missing/)
  })

  it('refuses to start by itself without an interval, and a way to the remote', async () => {
    const builder = syncNode()
      .store(await MemoryStore.open())
      .autoStart()
    expect(() => builder.build()).toThrow(/interval.*autoStart/)
    expect(() => builder.interval(5).build()).toThrow(/transport.*autoStart/)
  })
})
