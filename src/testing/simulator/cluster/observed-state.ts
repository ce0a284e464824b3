import type { StateStorage } from '../../../contracts/index.ts'
import { holds } from '../../../version/index.ts'
import { override } from '../override.ts'
import type { ClusterWorld } from './cluster-world.ts'
import type { DiskState } from './disk-state.ts'
import { isShared, type Server } from './server.ts'
import { type Version, versionOf } from './version.ts'

/** A server's storage, with what its users write entered in the book before it is stored. */
export function observedState(
  disk: DiskState,
  { server, world }: { readonly server: Server; readonly world: ClusterWorld },
): StateStorage {
  const { storage } = disk
  const { counts } = world
  return override<StateStorage>(storage, {
    async sweep(what, signal) {
      const swept = await storage.sweep(what, signal)
      counts.collected += swept.dropped
      if (swept.dropped > 0 && world.servers.some((one) => one.life === undefined))
        counts.collectedWhileAway++
      return swept
    },

    async forget(what, signal) {
      const forgotten = await storage.forget(what, signal)
      counts.forgottenKeys++
      counts.forgottenUnsent += forgotten.unsent
      return forgotten
    },

    async changes(after, want, signal) {
      const page = await storage.changes(after, want, signal)
      if (page.kind === 'reset' && holds(await storage.lineage(), after))
        counts.snapshotsBelowHorizon++
      return page
    },

    async commit(commit, signal) {
      const standing = new Map<string, Version | undefined>()
      const paths = [...new Set(commit.changes.map(({ path }) => path))]
      const { found } = await storage.rows(paths, signal)
      paths.forEach((path, at) => {
        const row = found[at]?.row
        standing.set(path, row && versionOf(row))
      })
      for (const change of commit.changes) {
        const version = versionOf(change)
        if (!isShared(version.path)) continue
        world.attempted(server, version, standing.get(version.path))
        standing.set(version.path, version)
      }
      const committed = await storage.commit(commit, signal)
      if (committed.kind === 'committed') world.committed(server, commit.changes.map(versionOf))
      return committed
    },
  })
}
