import { describe, expect, it } from 'vitest'
import type { StateChange } from '../../src/contracts/index.ts'
import { type Attempt, ClusterLedger } from './cluster-ledger.ts'

const body = '{"made":"w0-0-1","last":"w0-0-1"}'
const set: Attempt = { id: 'w0-0-1', kind: 'set', path: 'users/1', body, at: 10 }
const removal: Attempt = { id: 'w0-1-1', kind: 'delete', path: 'users/1', body: undefined, at: 20 }
const push: Attempt = { ...set, kind: 'push', path: 'pushed/*' }
const text = `{"created":11000000,"updated":0,"index":"1","path":"users/1","data":${body}}`

describe('what clients of a cluster were promised', () => {
  it('is kept where it stands as it was read back', () => {
    const ledger = told(
      sending(set),
      answered(set, 12),
      `seen ${JSON.stringify({ path: set.path, text })}`,
    )
    expect(ledger.problemsIn(standing(at(11)))).toEqual([])
    expect(ledger.problemsIn(standing({ ...at(11), created: 11_000_001n }))).toHaveLength(1)
    expect(ledger.problemsIn(standing({ ...at(11), dataText: '"other"' }))).toHaveLength(1)
    expect([ledger.acknowledged, ledger.timed]).toEqual([1, 1])
  })

  it('is missing where nothing stands, not even a tombstone', () => {
    expect(told(sending(set), answered(set, 12)).problemsIn(standing())).toHaveLength(1)
    expect(told(sending(set)).problemsIn(standing())).toEqual([])
  })

  it('is missing where something older stands', () => {
    const ledger = told(sending(set), answered(set, 12), sending(removal), answered(removal, 22))
    expect(ledger.problemsIn(standing(at(11)))).toHaveLength(1)
    expect(ledger.problemsIn(standing(deletedAt(21)))).toEqual([])
  })

  it('may be replaced by what nobody has answered, but not by what was refused or never sent', () => {
    const first = [sending(set), answered(set, 12)]
    expect(told(...first, sending(removal)).problemsIn(standing(deletedAt(900)))).toEqual([])
    expect(told(...first).problemsIn(standing(deletedAt(21)))).toHaveLength(1)
    const refused = told(...first, sending(removal), `refused ${removal.id}`)
    expect(refused.problemsIn(standing(deletedAt(21)))).toHaveLength(1)
  })

  it('bears a time at which it was under way', () => {
    const ledger = told(sending(set), answered(set, 12))
    expect(ledger.problemsIn(standing(at(12)))).toEqual([])
    expect(ledger.problemsIn(standing(at(9)))).not.toEqual([])
    expect(ledger.problemsIn(standing(at(100)))).toHaveLength(1)
  })

  it('stands once where it was pushed', () => {
    const one = { ...at(11), path: 'pushed/a' }
    const other = { ...at(11), path: 'pushed/b' }
    const ledger = told(sending(push), answered(push, 12, 'a'))
    expect(ledger.problemsIn(standing(one))).toEqual([])
    expect(ledger.problemsIn(standing(other))).toHaveLength(2)
    const unanswered = told(sending(push))
    expect(unanswered.problemsIn(standing(other))).toEqual([])
    expect(unanswered.problemsIn(standing(one, other))).toHaveLength(1)
  })
})

function told(...lines: readonly string[]): ClusterLedger {
  const ledger = new ClusterLedger()
  ledger.hear(lines)
  return ledger
}

function sending(attempt: Attempt): string {
  return `sending ${JSON.stringify(attempt)}`
}

function answered({ id }: Attempt, at: number, index?: string): string {
  return `answered ${JSON.stringify({ id, at, index })}`
}

function at(milliseconds: number): StateChange {
  const created = BigInt(milliseconds) * 1_000_000n
  return { path: 'users/1', created, updated: 0n, dataText: body, note: '' }
}

function deletedAt(milliseconds: number): StateChange {
  return { ...at(0), updated: BigInt(milliseconds) * 1_000_000n, dataText: null }
}

function standing(...changes: readonly StateChange[]): ReadonlyMap<string, StateChange> {
  return new Map(changes.map((change) => [change.path, change]))
}
