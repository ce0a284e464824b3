import { expect, it } from 'vitest'
import { StateLedger } from './state-ledger.ts'
import type { Version } from './version.ts'

it('K1: only what a server held is gone for good with its disk', () => {
  const findings: string[] = []
  const ledger = new StateLedger((invariant, message) => findings.push(`${invariant} ${message}`))
  for (const version of [write('users/1', 1n), write('users/2', 2n)]) {
    ledger.attempted('a', version, undefined)
    ledger.held('a', version)
    ledger.acknowledged(version)
  }
  // Nobody has the first one any more, and b, whose disk is another one now, never had it.
  const left = [disk(write('users/2', 2n)), disk()]
  expect(ledger.diskReplaced('b', left)).toEqual([])
  expect(ledger.owed('users/1')).toEqual(write('users/1', 1n))
  expect(ledger.diskReplaced('a', left)).toEqual([write('users/1', 1n)])
  expect(ledger.owed('users/1')).toBeUndefined()
  expect(ledger.owed('users/2')).toEqual(write('users/2', 2n))
  expect(findings).toEqual([])
})

it('K1: what was written over at a server was there as well', () => {
  const ledger = new StateLedger(() => {})
  const [first, second] = [write('users/1', 1n), write('users/1', 2n)]
  for (const version of [first, second]) ledger.attempted('a', version, undefined)
  ledger.acknowledged(first)
  ledger.held('b', second)
  expect(ledger.diskReplaced('b', [disk(), disk()])).toEqual([first])
})

function write(path: string, created: bigint): Version {
  return { path, created, updated: 0n, dataText: `"${created}"` }
}

function disk(...versions: readonly Version[]): ReadonlyMap<string, Version> {
  return new Map(versions.map((version) => [version.path, version]))
}
