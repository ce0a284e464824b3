import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { ClusterPair } from './cluster-pair.ts'
import type { ClusterServer, ClusterServerKind } from './cluster-server.ts'
import { changeAt, deleteAt, type Exchanged, writeTo } from './exchange.ts'
import { run } from './go-program.ts'
import { interopCase, useGoModule } from './interop-case.ts'

const pivot = useGoModule('pivot')

interopCase(
  'pivot: the Go program that uses it is formatted and vetted',
  async () => {
    const cwd = fileURLToPath(new URL('../../interop/pivot', import.meta.url))
    expect((await run('gofmt', ['-l', '.'], { cwd })).stdout).toBe('')
    await pivot.vet()
    return { checks: 2 }
  },
  pivot,
)

interopCase(
  'pivot K1: a node of pivot under our leader: every kind of write in both directions, and kill -9 of each',
  () => exchanged('rejoin', 'pivot'),
  pivot,
)

interopCase(
  'pivot K1: our node under a leader of pivot: every kind of write in both directions, and kill -9 of each',
  () => exchanged('pivot', 'rejoin'),
  pivot,
)

/** After each step both hold all that was acknowledged, by value and time. */
async function exchanged(leads: ClusterServerKind, follows: ClusterServerKind) {
  await using pair = await ClusterPair.open({ leads, follows, program: pivot.path })
  const counts = { sets: 0, pushes: 0, updates: 0, deletes: 0, restarts: 0 }
  await inBothDirections(pair, 'first', counts)
  for (const [server, other] of [pair.both, pair.both.toReversed()] as const) {
    const name = server === pair.leader ? 'leader' : 'node'
    await server.kill()
    await aloneOn(pair, other, name, counts)
    await server.start()
    counts.restarts++
    await pair.level(`after a restart of the ${name}`)
    await inBothDirections(pair, `${name}back`, counts)
  }
  return counts
}

async function inBothDirections(pair: ClusterPair, name: string, counts: Exchanged) {
  for (const [server, other] of [pair.both, pair.both.toReversed()] as const) {
    const own = `${name}${server === pair.leader ? 'leader' : 'node'}`
    await writeTo(pair, server, own, counts)
    await pair.level(`after ${own} was written`)
    // Half of it where it was written, half of it on the other side.
    await changeAt(pair, other, own, counts)
    await pair.level(`after ${own} was changed`)
    await deleteAt(pair, server, own, counts)
    await pair.level(`after some of ${own} was deleted`)
  }
}

/** A node of pivot says nothing of what it deleted while its leader was away: that comes back. */
async function aloneOn(pair: ClusterPair, server: ClusterServer, name: string, counts: Exchanged) {
  await changeAt(pair, server, 'firstleader', counts)
  await writeTo(pair, server, `without${name}`, counts)
  if (server.kind === 'rejoin' || server === pair.leader)
    await deleteAt(pair, server, `without${name}`, counts)
}
