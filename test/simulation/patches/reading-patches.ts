import type { SourcePatch } from './source-patch.ts'

/** Bugs of what is made of a log. */
export const readingPatches: readonly SourcePatch[] = [
  {
    name: 'a tie is kept local',
    file: 'conflict/causality/effective-order.ts',
    find: 'events.toSorted(comparePlaces)',
    replace: '[...events]',
    world: 'renaming',
    seeds: 20,
    finds: ['C2'],
  },
  {
    name: 'an event that comes late is folded twice',
    file: 'projection/pass.ts',
    find: '    let record = base\n',
    replace: '    let record = this.#options.records.get(key)\n',
    world: 'counting',
    seeds: 20,
    finds: ['C2'],
  },
]
