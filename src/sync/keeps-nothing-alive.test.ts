import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { eventually, soon } from '../../test/options/each-option.ts'
import { RejoinError } from '../errors/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode } from './index.ts'

it('a process whose node syncs by itself ends when it has nothing else to do', () => {
  const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  const program = `
    import { SyncNode } from ${at('./index.ts')}
    import { MemoryStore } from ${at('../store/memory/index.ts')}
    import { memoryTransport } from ${at('../transport/memory/index.ts')}
    const transport = memoryTransport(await MemoryStore.open())
    const store = await MemoryStore.open()
    const node = new SyncNode({ store, transport, interval: 600_000, autoStart: true })
    const { ok } = await node.sync()
    console.log(ok)
  `
  const ended = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect(ended).toMatchObject({ status: 0, stdout: 'true\n', stderr: '' })
}, 30_000)

it('a node that waits to try again closes at once', async () => {
  const transport = scriptedTransport(memoryTransport(await MemoryStore.open()))
  const where = { operation: 'hello', component: 'test' }
  const patience = { ...where, details: { retryAfter: 2 ** 30 } }
  transport.script.fail('hello', new RejoinError('unavailable', 'later', patience))
  let waits = 0
  const logger = { debug() {}, info: () => void waits++, warn() {}, error() {} }
  const retry = { longest: 2 ** 30 }
  const node = new SyncNode({ store: await MemoryStore.open(), transport, retry, logger })
  const syncing = node.sync().catch((error) => error)
  await eventually(() => waits === 1)
  await soon(node.close())
  expect(await syncing).toMatchObject({ code: 'closed' })
})
