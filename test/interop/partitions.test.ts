import { expect } from 'vitest'
import { ClusterPair } from './cluster-pair.ts'
import type { ClusterServerKind } from './cluster-server.ts'
import { interopCase, useGoModule } from './interop-case.ts'
import { partition } from './partition.ts'
import { until } from './until.ts'

const pivot = useGoModule('pivot')

interopCase('pivot K1: cut in two and healed: Rejoin leads Rejoin', async () => {
  const { lost, agree, ...rest } = await partitioned('rejoin', 'rejoin')
  expect({ lost, agree }).toEqual({ lost: [], agree: true })
  return shown({ lost, ...rest })
})

interopCase(
  'pivot K1: cut in two and healed: pivot leads Rejoin',
  async () => {
    const { lost, agree, ...rest } = await partitioned('pivot', 'rejoin')
    expect({ lost, agree }).toEqual({ lost: [], agree: true })
    return shown({ lost, ...rest })
  },
  pivot,
)

interopCase(
  'pivot K1: cut in two and healed: Rejoin leads pivot',
  async () => {
    const { lost, agree, ...rest } = await partitioned('rejoin', 'pivot')
    // The node says nothing of these any more: what it lacks and what it has not seen yet look the same.
    expect({ lost, agree }).toEqual({ lost: rest.undeleted, agree: true })
    return shown({ lost, ...rest })
  },
  pivot,
)

interopCase(
  'pivot: cut in two and healed: pivot leads pivot',
  async () => shown(await partitioned('pivot', 'pivot')),
  pivot,
)

interopCase(
  'pivot K1: what a node of pivot wrote in a cut that nobody noticed reaches our leader',
  async () => {
    await using pair = await ClusterPair.open({
      ...{ leads: 'rejoin', follows: 'pivot', program: pivot.path },
    })
    const { leader, node, writes } = pair
    pair.cut()
    for (let number = 0; number < 10; number++)
      await writes.set(node.url, `things/cut${number}`, { number })
    pair.heal()
    const took = await until(
      () => 'the leader has what the node wrote',
      async () => writes.problemsIn(await writes.read(leader.url)),
    )
    await pair.level('after the cut')
    return { 'writes that the node could not send': 10, 'ms until the leader had them': took }
  },
  pivot,
)

async function partitioned(leads: ClusterServerKind, follows: ClusterServerKind) {
  const program = pivot.refused === undefined ? { program: pivot.path } : {}
  await using pair = await ClusterPair.open({ leads, follows, ...program })
  return await partition(pair)
}

function shown({
  acknowledged,
  lost,
  undeleted,
  took,
}: Omit<Awaited<ReturnType<typeof partitioned>>, 'agree'>) {
  return {
    'acknowledged writes': acknowledged,
    'of these lost': lost.length,
    'deletes among them': undeleted.length,
    'ms until the end': took,
  }
}
