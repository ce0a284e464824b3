import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { LinkedChange, type StateStorage } from '../../../contracts/index.ts'
import { changeOf, put, tombstone, write } from '../state-storage/changes.ts'
import type { TransportCheck } from './bench.ts'
import { pageOf, pushing, receiptsIn } from './calls.ts'

/** What only transports of state have to carry. */
export function stateMoves(check: TransportCheck<StateStorage, LinkedChange>): void {
  check(
    'T4: writes, deletes and notes are pulled as they are, digit for digit',
    async ({ remote }) => {
      const { log, transport } = await remote()
      const changes = [
        { ...write('a/1', noon + 1n, '{"n":1.0}', noon + 2n), note: 'of "a"\u2028' },
        tombstone('a/2', noon + 3n),
        write('b', noon, '1'),
      ]
      await put(log, ...changes)
      deepStrictEqual((await pageOf(transport)).changes.map(changeOf), changes)
    },
    'exact',
  )

  check(
    'T1, T4: writes, deletes and notes are pushed as they are, and the later one stands',
    async ({ remote, writer }) => {
      const { log, transport } = await remote()
      const changes = [
        { ...write('a/1', noon + 1n, '[1e2]', noon + 9n), note: 'ä' },
        tombstone('a/2', noon + 3n),
      ]
      await put(log, write('a/2', noon), write('b', noon + 5n))
      const pushed = [...changes, write('b', noon)].map((change) => new LinkedChange(change))
      const receipts = receiptsIn(await transport.push(pushing(writer().origin, pushed)))
      deepStrictEqual(
        receipts.map(({ kind }) => kind),
        ['stored', 'stored', 'duplicate'],
      )
      const { found } = await log.rows(['a/1', 'a/2', 'b'])
      deepStrictEqual(
        found.map(({ row }) => row && changeOf(row)),
        [...changes, write('b', noon + 5n)],
      )
    },
    'exact',
  )

  check(
    'T5: what can not be taken in is refused by itself, with a reason',
    async ({ remote, writer }) => {
      const { log, transport } = await remote()
      const { origin, write: written } = writer()
      const beyond = new LinkedChange(write('late', 2n ** 63n - 1n))
      const receipts = receiptsIn(
        await transport.push(pushing(origin, [written(), beyond, written()])),
      )
      deepStrictEqual(
        receipts.map((one) => (one.kind === 'rejected' ? one.reason : one.kind)),
        ['stored', 'invalid', 'stored'],
      )
      strictEqual((await log.rows(['late'])).found[0]?.row, undefined)
    },
    'exact',
  )
}

/** Nanoseconds: noon, 1 May 2026 UTC. */
const noon = 1_777_636_800_000_000_000n
