import type { SourcePatch } from './source-patch.ts'

/** Bugs of the log, whatever it is stored in. */
export const storePatches: readonly SourcePatch[] = [
  {
    name: 'an append is acknowledged before it is flushed',
    file: 'store/memory/memory-engine.ts',
    find: '        await this.#keep(this.#journal, encodeCommit(commit))',
    replace: '        this.#keep(this.#journal, encodeCommit(commit)).catch(() => {})',
    world: 'usual',
    seeds: 20,
    finds: ['L1'],
  },
  {
    name: 'an error of the disk is taken for success',
    file: 'store/memory/memory-engine.ts',
    find: '      await journal.append(record)',
    replace: '      await journal.append(record).catch(() => {})',
    world: 'failing disks',
    seeds: 20,
    finds: ['L1', 'L4', 'C1', 'S1', 'S2', 'S4'],
  },
  {
    name: 'what comes again is stored again',
    file: 'store/memory/memory-tables.ts',
    find: '    if (this.#rows.has(event.id)) return false\n',
    replace: '',
    world: 'usual',
    seeds: 20,
    finds: ['S3', 'L3', 'C1', 'S1'],
  },
  {
    name: 'what a peer brings is nobody’s parent',
    file: 'store/log/apply.ts',
    find: '    tables.setHeads(event.aggregateId, headsWith(tables, event))\n',
    replace: '',
    world: 'usual',
    seeds: 20,
    finds: ['C1'],
  },
  {
    name: 'a local position is used as a remote cursor',
    file: 'store/log/apply.ts',
    find: "batch.role === 'pulled' ? { pulled: cursor }",
    replace: `batch.role === 'pulled'
      ? { pulled: cursor.replace(/\\.\\d+\\./, \`.\${tables.meta.position}.\`) as typeof cursor }`,
    world: 'usual',
    seeds: 20,
    finds: ['L4', 'S1', 'S2', 'S4'],
  },
  {
    name: 'a receipt is given for what was dropped',
    file: 'store/log/apply.ts',
    find: 'batch.changes.map((event) => take(context, event, batch, link.via))',
    replace: `batch.changes.map((event, at) =>
    batch.role === 'pushed' && at > 0 && at === batch.changes.length - 1
      ? stored
      : take(context, event, batch, link.via),
  )`,
    world: 'rooms',
    seeds: 20,
    finds: ['L1', 'L4', 'S1', 'S2', 'S4'],
  },
  {
    name: 'a copy or an older backup is never noticed',
    file: 'store/log/links.ts',
    find: '  meta.origin = newOrigin(nodeOf(former), runtime)\n  meta.sequence = 0n\n',
    replace: '',
    world: 'copies',
    seeds: 20,
    finds: ['S1', 'S2', 'S3', 'S4', 'L4'],
  },
  {
    name: 'the cursor of a page stands past its last change',
    file: 'store/log/pages.ts',
    find: '  const scanned = full ? last : until\n',
    replace: '  const scanned = until\n',
    world: 'rooms',
    seeds: 20,
    finds: ['L4', 'L3', 'S1', 'S2', 'S4'],
  },
  {
    name: 'a changed filter keeps its cursor',
    file: 'store/log/pages.ts',
    find: 'parseCursor(underFilter(after, fingerprint))',
    replace: 'parseCursor(after)',
    world: 'filters',
    seeds: 20,
    finds: ['S1', 'S4', 'L4'],
  },
  {
    name: 'content that comes for a stub is taken for known',
    file: 'store/log/meet.ts',
    find: '    fill(context, known, event, via)\n    return filled\n  }\n  const isTwin',
    replace: '    return duplicate\n  }\n  const isTwin',
    world: 'filters',
    seeds: 20,
    finds: ['S1', 'S4', 'L4'],
  },
  {
    name: 'a full event revives an erased one',
    file: 'store/log/meet.ts',
    find: "  if (event.stub === 'erased' || known.event.stub === 'erased')\n",
    replace: `  if (event.stub === null && known.event.stub === 'erased') {
    fill(context, known, event, via)
    return filled
  }
  if (event.stub === 'erased' || known.event.stub === 'erased')\n`,
    world: 'erasing',
    seeds: 20,
    finds: ['E1', 'S1', 'L3'],
  },
  {
    name: 'an erasure that meets the event is answered duplicate',
    file: 'store/log/meet.ts',
    find: "  if (event.stub === 'erased' || known.event.stub === 'erased')\n",
    replace:
      "  if (event.stub === 'erased') return duplicate\n  if (known.event.stub === 'erased')\n",
    world: 'erasing',
    seeds: 20,
    finds: ['E1', 'S1', 'L3'],
  },
]
