import { expect, it } from 'vitest'
import type { Origin } from '../../event/index.ts'
import { logOf } from '../fixtures/logs.ts'
import { PeerRules, peerRulesOf } from './peer-rules.ts'

const originOf = (node: string | number) => `n${node}~0123456789abcdef` as Origin
const day = 24 * 60 * 60 * 1_000

it('tells a node what others have said, each hash once, the latest first', () => {
  const rules = new PeerRules()
  rules.hear(originOf(1), 'one', 0)
  rules.hear(originOf(2), 'two', 1)
  rules.hear(originOf(3), 'one', 2)
  expect(rules.others(originOf(4), 3)).toEqual(['one', 'two'])
  expect(rules.others(originOf(2), 3)).toEqual(['one'])
  // What a node says now is all that counts of it, also under a new origin.
  rules.hear('n2~fedcba9876543210' as Origin, 'one', 3)
  expect(rules.others(originOf(4), 3)).toEqual(['one'])
})

it('forgets what was said a day ago, and more nodes or hashes than it has room for', () => {
  const rules = new PeerRules()
  rules.hear(originOf('old'), 'old', 0)
  expect(rules.others(originOf('x'), day - 1)).toEqual(['old'])
  expect(rules.others(originOf('x'), day)).toEqual([])
  for (let node = 0; node < 1_100; node++) rules.hear(originOf(node), `h${node}`, day)
  expect(rules.others(originOf('x'), day)).toEqual(
    Array.from({ length: 8 }, (_, at) => `h${1_099 - at}`),
  )
  rules.hear(originOf('old'), 'kept', day)
  for (let node = 0; node < 999; node++) rules.hear(originOf(node), 'same', day)
  expect(rules.others(originOf('x'), day)).toEqual(['same', 'kept'])
  rules.hear(originOf(999), 'same', day)
  expect(rules.others(originOf('x'), day)).toEqual(['same'])
})

it('is one for each log', async () => {
  const [log, other] = [await logOf('hub'), await logOf('hub')]
  expect(peerRulesOf(log)).toBe(peerRulesOf(log))
  expect(peerRulesOf(log)).not.toBe(peerRulesOf(other))
})
