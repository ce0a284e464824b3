import { fields, type Known, text, unwanted, withMethods } from '../errors/check.ts'
import type { StateTree } from '../state/index.ts'
import { checkCarried } from './configuration/carried.ts'
import { at } from './configuration/check-options.ts'
import type { ClusterKey } from './configuration/cluster-options.ts'
import { planKeys } from './configuration/key-plan.ts'
import type { Membership } from './membership/membership.ts'

/** What is shared of a storage from now on. */
export interface AttachOptions {
  readonly keys: readonly Omit<ClusterKey, 'storage'>[]
  /** What servers call the storage, when it is none of the tree's. */
  readonly name?: string
  readonly signal?: AbortSignal
}

/**
 * Shares more. Checks everything before anything changes; one at a time, each beside what the others have added. Of one
 * that rejects nothing is left, so that it can be tried again.
 */
export function attach(
  membership: Membership,
  storage: string | StateTree,
  options: AttachOptions,
): Promise<void> {
  return membership.inTurn(() => attachNow(membership, storage, options))
}

async function attachNow(
  membership: Membership,
  storage: string | StateTree,
  options: AttachOptions,
): Promise<void> {
  const where = at('attach')
  const { storages, settings } = membership
  const { keys, name, signal } = fields('options', options, where, attachOptionNames)
  signal?.throwIfAborted()
  membership.mustBeOpen('attach')
  if (!Array.isArray(keys)) throw unwanted('keys', keys, 'a list of { path }', where)
  const isOutside = typeof storage !== 'string'
  if (isOutside)
    withMethods(
      'storage',
      storage,
      ['replica', 'observe', 'holdCollecting'],
      'the name of a storage of the tree, or what openState(…) answers',
      where,
    )
  const shown = isOutside ? text('name', name, where) : storage
  if (isOutside) checkCarried(storage, where)
  const isKnown = storages.find(shown) !== undefined
  if (isOutside && isKnown) throw unwanted('name', shown, 'a name that no other storage has', where)
  if (!isOutside && !isKnown)
    throw unwanted('storage', shown, `one of ${storages.names.join(', ')}`, where)
  const given = keys.map((key) => ({ ...key, storage: shown }))
  const of = { leader: settings.leader, storages: [...storages.names, shown] }
  const added = planKeys({ ...of, keys: given, nodesKey: undefined }, where)
  // All together once more, for what overlaps; whoever leads what was there already.
  const before = membership.keys.map((key) => ({ path: key.path, storage: key.storage }))
  planKeys({ ...of, keys: [...before, ...given], nodesKey: settings.nodesKey }, where)
  if (isOutside) storages.add(shown, storage)
  try {
    await membership.setKeys([...membership.keys, ...added])
  } catch (error) {
    if (isOutside) storages.remove(shown)
    throw error
  }
}

const attachOptionNames: Known<AttachOptions> = { keys: true, name: true, signal: true }
