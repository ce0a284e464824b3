import type { SourcePatch } from './source-patch.ts'

/** Bugs of a cluster, and of what it stands on. */
export const clusterPatches: readonly SourcePatch[] = [
  {
    name: 'an older write replaces a newer one',
    file: 'store/state/apply.ts',
    find: '    if (stands !== undefined && stands > time) return duplicate\n',
    replace: '    if (stands !== undefined && stands > time) return theirs(joined, change)\n',
    world: 'cluster',
    seeds: 10,
    finds: ['T1'],
  },
  {
    name: 'a write is stamped by the wall clock alone',
    file: 'state/state-clock.ts',
    find: '    let stamp = this.#clock.tick(above)\n',
    replace: '    let stamp = this.#clock.tick(above > 0n ? 0n : above)\n',
    world: 'cluster',
    seeds: 20,
    finds: ['T1', 'K1', 'T2'],
  },
  {
    name: 'what a peer has sent is sent back to it',
    file: 'store/state/reading.ts',
    find: ' && (left === undefined || row.via !== left.via)',
    replace: '',
    world: 'cluster',
    seeds: 20,
    finds: ['K3'],
  },
  {
    name: 'a delete is not sent',
    file: 'store/state/reading.ts',
    find: '    if (isWanted(row, filter) && (',
    replace: '    if (row.dataText !== null && isWanted(row, filter) && (',
    world: 'cluster',
    seeds: 10,
    finds: ['S2', 'K1', 'T2'],
  },
  {
    name: 'a leader by configuration never steps down',
    file: 'cluster/membership/membership.ts',
    find: '    const lead = this.leadership.of(key)\n',
    replace: `    if (key.leader !== undefined && this.peers.isOwn(key.leader)) return { term: 0n }
    const lead = this.leadership.of(key)\n`,
    world: 'cluster',
    seeds: 20,
    finds: ['S2', 'S1', 'K1'],
  },
  {
    name: 'of two promotions the one that was heard of first stands',
    file: 'cluster/leadership/leadership.ts',
    find: '        isNews = true\n',
    replace:
      '        if (before !== undefined && record !== undefined) continue\n        isNews = true\n',
    world: 'cluster',
    seeds: 20,
    finds: ['S2', 'S1', 'K1'],
  },
  {
    name: 'a new leader is taken to have everything',
    file: 'link/push.ts',
    find: '  let pushed = began\n',
    replace: `  if (began === ('' as Cursor)) {
    const { cursor } = await replica.changes(began, { count: 1e9, bytes: 1e9, ...(filter && { filter }) }, signal) as { cursor: Cursor }
    await settle(session, began, cursor, { parked: [] })
    return 'done'
  }
  let pushed = began\n`,
    world: 'cluster',
    seeds: 20,
    finds: ['S2', 'S1', 'K1', 'T2'],
  },
  {
    name: 'an older backup is never noticed',
    file: 'store/log/links.ts',
    find: '  meta.origin = newOrigin(nodeOf(former), runtime)\n  meta.sequence = 0n\n',
    replace: '',
    world: 'cluster',
    seeds: 40,
    finds: ['S2', 'S1', 'K1', 'T2'],
  },
  {
    name: 'a write that was written over counts as confirmed',
    file: 'cluster/freshness/confirming.ts',
    find: '      const now = canMove ? await latest() : position\n',
    replace: '      const now = position\n',
    world: 'cluster that writes over',
    seeds: 20,
    finds: ['K1'],
  },
  {
    name: 'a link is for ever for what it was made for',
    file: 'cluster/links/cluster-links.ts',
    find: '        link.desired = now\n',
    replace: '',
    world: 'cluster',
    seeds: 20,
    finds: ['S1'],
  },
  {
    name: 'who forgets goes on as who it was',
    file: 'store/state/forget.ts',
    find: '  beginAnew(context)\n',
    replace: '  nextPosition(context)\n',
    world: 'forgetting cluster',
    seeds: 20,
    finds: ['S2', 'S1', 'K1', 'T2'],
  },
  {
    name: 'nobody hears how far others have come',
    file: 'store/log/linked-store.ts',
    find: "  if (confirmation !== 'renewed') noteReader(context, peer, known.pulled)\n",
    replace: '',
    world: 'collecting cluster',
    seeds: 10,
    finds: ['S5'],
  },
  {
    name: 'a member lets tombstones go that its leader still keeps for others',
    file: 'store/state/sweep.ts',
    find: '  if (tables.meta.reads) return false\n',
    replace: '',
    world: 'collecting cluster',
    seeds: 40,
    finds: ['K1'],
  },
  {
    name: 'what has arrived before the first answer is not waited for',
    file: 'store/state/sweep.ts',
    find: `  if (tables.meta.reads) return false
  for (const [id, { pushed, received }] of tables.links())
    if (pushed === start && received === start && tables.reader(id) === undefined) return false
`,
    // A link that has been greeted, and has read nothing.
    replace: `  for (const [, { pulled }] of tables.links())
    if (pulled !== start && !pulled.endsWith('.0')) return false
`,
    world: 'collecting cluster that loses much',
    seeds: 20,
    finds: ['S2', 'T2', 'K1'],
  },
  {
    name: 'the outbox moves on before the leader has answered',
    file: 'link/push.ts',
    find: '    const refused = await offered\n',
    replace: `    if (page.cursor !== pushed && (await settle(session, pushed, page.cursor, { parked: [] })))
      pushed = page.cursor
    const refused = await offered\n`,
    world: 'cluster',
    seeds: 20,
    finds: ['K1', 'S2', 'S1', 'T2'],
  },
  {
    name: 'what came over a link is looked for again once its deletes are forgotten',
    file: 'link/push.ts',
    find: 'await read(session.scanned.after(generation, began))',
    replace: 'await read(began)',
    world: 'cluster with a near horizon',
    seeds: 20,
    finds: ['K3'],
  },
  {
    name: 'who reads a part has passed all deletes',
    file: 'cluster/http/shared-replica.ts',
    find: '      if (cluster.readsAll(name, peer, filter)) return',
    replace: '      if (name !== undefined) return',
    world: 'cluster of two leaders',
    seeds: 10,
    finds: ['K1'],
  },
  {
    name: 'a server answers who is of another cluster',
    file: 'cluster/peers/callers.ts',
    find: "    throw otherCluster('who calls', { cluster, own }, where)\n",
    replace: '    void otherCluster\n',
    world: 'clusters side by side',
    seeds: 10,
    finds: ['T1'],
  },
  {
    name: 'a peer of another cluster is linked with',
    file: 'cluster/peers/peer.ts',
    find: '    return areOfTwoClusters(cluster, this.#own) ? cluster : undefined\n',
    replace: '    void [areOfTwoClusters, cluster]\n    return undefined\n',
    world: 'clusters side by side',
    seeds: 10,
    finds: ['S2'],
  },
  {
    name: 'a link that has pulled nothing begins at the start',
    file: 'store/state/begin-pulling.ts',
    find: '  if (begins === start || pulled !== start) return\n',
    replace: '  if (begins !== undefined) return\n',
    world: 'cluster with a near horizon',
    seeds: 30,
    finds: ['S2', 'T2'],
  },
]
