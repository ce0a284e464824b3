import type { SourcePatch } from './source-patch.ts'

/** Bugs of the link. */
export const linkPatches: readonly SourcePatch[] = [
  {
    name: 'the cursor is durable before the data',
    file: 'link/pull.ts',
    find: '    const applied = await replica.apply(batch, signal)\n    if',
    replace:
      '    await replica.apply({ ...batch, changes: [] }, signal)\n    const applied = await replica.apply(batch, signal)\n    if',
    world: 'usual',
    seeds: 20,
    finds: ['L4'],
  },
  {
    name: 'the outbox moves on before the receipts have come',
    file: 'link/push.ts',
    find: '    const refused = await offered\n',
    replace: `    if (page.cursor !== pushed && (await settle(session, pushed, page.cursor, { parked: [] })))
      pushed = page.cursor
    const refused = await offered\n`,
    world: 'lossy',
    seeds: 40,
    finds: ['S1', 'S2', 'S4'],
  },
  {
    name: 'a retry has no jitter',
    file: 'link/backoff.ts',
    find: 'this.#runtime.random() * (ceiling - least)',
    replace: '0.999 * (ceiling - least)',
    world: 'hub is away',
    seeds: 2,
    finds: ['S2'],
  },
  {
    name: 'nobody tells how far they have come',
    file: 'link/telling.ts',
    find: 'known.pulled === this.#told || !isOurs',
    replace: 'known.pulled !== start || !isOurs',
    world: 'compacting',
    seeds: 5,
    finds: ['application'],
  },
  {
    name: 'a wake-up while somebody stands aside is lost',
    file: 'transport/remote/live-channel.ts',
    find: 'if (member.isNew || place.end?.asOf !== this.#source.commits)',
    replace: 'if (member.isNew)',
    world: 'readers',
    seeds: 40,
    finds: ['L3'],
  },
  {
    name: 'a page that was refused counts as taken',
    file: 'transport/remote/live-channel.ts',
    find: '    if (isTaken) {\n',
    replace: '    if (isTaken || !member.isNew) {\n',
    world: 'readers',
    seeds: 20,
    finds: ['L3'],
  },
]
