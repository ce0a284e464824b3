import type { StateStorage } from '../../../contracts/index.ts'
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
  return override<StateStorage>(storage, {
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
