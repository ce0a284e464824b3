import { expect, it, onTestFinished } from 'vitest'
import { clusterServer, openCluster, type PeerNetwork } from '../../src/cluster/index.ts'
import { type Runtime, systemRuntime } from '../../src/runtime/index.ts'
import { openState } from '../../src/state/index.ts'
import { MemoryStateStorage } from '../../src/store/memory/index.ts'
import { exchangesUnder, protocolPage, replay } from './transcript.ts'

const exchanges = exchangesUnder(protocolPage, '## Clusters with names')

it('a server of a cluster with a name answers as the page shows it, byte for byte', async () => {
  expect(exchanges.length).toBe(4)
  const storage = await MemoryStateStorage.open({ node: 'hub', runtime })
  const state = await openState({ storage, runtime })
  const keys = [{ path: 'users/*' }]
  const options = { address: 'hub:8080', name: 'east', syncOnStart: false }
  const cluster = await openCluster({ state, keys, network: nobody, runtime, ...options })
  onTestFinished(async () => {
    await cluster.close()
    await state.close()
  })
  const { handle } = clusterServer(cluster, { runtime })
  await replay(handle, exchanges, (said, shown, request) => expect(said, request).toBe(shown))
})

const nobody = { about: fails, native: fails, pivot: fails } as unknown as PeerNetwork

function fails(): never {
  throw new Error('nobody is called')
}

/** What is drawn at random and read off a clock is the same in every run. */
let drawn = 0
const runtime: Runtime = {
  ...systemRuntime,
  now: () => Date.UTC(2026, 4, 1, 12),
  randomBytes: (count) => Uint8Array.from({ length: count }, () => (drawn++ * 29 + 11) % 256),
}
