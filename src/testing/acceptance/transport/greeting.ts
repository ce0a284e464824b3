import { deepStrictEqual, notStrictEqual, strictEqual } from 'node:assert/strict'
import type { EventId } from '../../../event/index.ts'
import { start } from '../../../version/index.ts'
import type { TransportCheck } from './bench.ts'
import { note } from './kind.ts'

export function greeting(check: TransportCheck): void {
  check(
    'hello tells who answers, how far its log goes, and its clock',
    async ({ remote, runtime, append, writer }) => {
      const { log, transport } = await remote()
      await append(log, note())
      const { node, origin, end, time } = await transport.hello({ origin: writer().origin })
      deepStrictEqual({ node, origin, end }, await log.identity())
      strictEqual(time, runtime.wall)
    },
    'exact',
  )

  check(
    'hello tells the limits of a push',
    async ({ remote, writer }) => {
      const { transport } = await remote({ count: 7, bytes: 5_000 })
      const { limits } = await transport.hello({ origin: writer().origin })
      deepStrictEqual(limits, { count: 7, bytes: 5_000 })
    },
    'exact',
  )

  check('hello changes nothing', async ({ remote, append, writer, snapshotOf }) => {
    const { log, transport } = await remote()
    await append(log, note())
    const before = await snapshotOf(log)
    await transport.hello({ origin: writer().origin })
    await transport.hello({ origin: writer().origin })
    deepStrictEqual(await snapshotOf(log), before)
  })

  check(
    'S4: who is told that it wrote what it lacks answers from a new origin, and stays with it',
    async ({ remote, writer }) => {
      const { log, transport } = await remote()
      const { origin: former } = await log.identity()
      const { origin } = writer()
      const known = { origin: former, received: start, pulled: start }
      const agreeing = { ...known, sequence: 0n, ids: [] }
      strictEqual((await transport.hello({ origin, you: agreeing })).origin, former)
      const ahead = { ...known, sequence: 5n, ids: ['lost' as EventId] }
      const answer = await transport.hello({ origin, you: ahead })
      notStrictEqual(answer.origin, former)
      strictEqual((await log.identity()).origin, answer.origin)
      strictEqual((await transport.hello({ origin, you: ahead })).origin, answer.origin)
    },
    'keepsRecords',
  )
}
