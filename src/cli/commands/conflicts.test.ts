import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runHere } from '../../../test/e2e/command-io.ts'
import type { ConflictRecord } from '../../conflict/index.ts'
import { rulesFromFile } from '../../rules-file/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import { SqliteStore } from '../../store/sqlite/index.ts'
import { SyncNode } from '../../sync/index.ts'
import { memoryTransport } from '../../transport/memory/index.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

describe('conflicts, and restore --event', () => {
  let store = ''
  let rules = ''
  beforeAll(async () => {
    const folder = newFolder()
    store = join(folder, 'notes.db')
    rules = join(folder, 'rules.yaml')
    writeFileSync(rules, rulesText)
    // Each look at the clock is a second later than the last, from the beginning of March on.
    let time = Date.UTC(2026, 2, 1)
    const runtime: Runtime = { ...systemRuntime, now: () => (time += 1_000) }
    const hub = await MemoryStore.open({ node: 'hub', runtime })
    const laptop = new SyncNode({
      store: await SqliteStore.open({ path: store, node: 'laptop', runtime }),
      transport: memoryTransport(hub),
    })
    const phone = new SyncNode({
      store: await MemoryStore.open({ node: 'phone', runtime }),
      transport: memoryTransport(hub),
    })
    await laptop.append([title('tea', 'lost'), { type: 'PriceSet', aggregateId: 'tea', data: 3 }])
    await phone.append([title('tea', 'won'), { type: 'PriceSet', aggregateId: 'tea', data: 4 }])
    time = Date.UTC(2026, 2, 3)
    await laptop.append([title('cake\u202e', 'left')])
    await phone.append([title('cake\u202e', 'right')])
    for (const node of [laptop, phone, laptop])
      expect(await node.sync()).toMatchObject({ ok: true })
    for (const end of [laptop, phone, hub]) await end.close()
  })

  const conflicts = (...args: string[]) =>
    runHere(['conflicts', '--store', store, '--rules', rules, ...args])
  const records = async (...args: string[]) =>
    (await conflicts('--json', ...args)).stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ConflictRecord)

  it('shows who wrote what at once, who won by which rule, and what waits', async () => {
    const { code, stdout, stderr } = await conflicts()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
    const form = [
      `${time}  tea  TitleSet  open`,
      String.raw`  last-write-wins \(rule titles\)`,
      '  lost    laptop: [0-9a-f-]{36}',
      '  counts  phone: [0-9a-f-]{36}',
      `${time}  tea  PriceSet  waits for a decision`,
      String.raw`  manual-review \(no rule\); manual review required`,
      '  counts  laptop: [0-9a-f-]{36}',
      '  counts  phone: [0-9a-f-]{36}',
      // What could steer the terminal is shown instead.
      String.raw`${time}  cake\\u202e  TitleSet  open`,
    ]
    expect(stdout).toMatch(new RegExp(`^${form.join('\n')}\n`))
    // What nodes have to agree on, to be seen beside that of another one.
    expect(stdout.split('\n').slice(-2)).toEqual([`rules ${(await rulesFromFile(rules)).hash}`, ''])
  })

  it('prints every field as JSON, and a part of all', async () => {
    expect(await records()).toMatchObject([
      { aggregateId: 'tea', outcome: 'keep', winners: [1], rule: 'titles', open: true },
      { aggregateId: 'tea', outcome: 'review', rule: null, superseded: [] },
      { aggregateId: 'cake\u202e', outcome: 'keep' },
    ])
    expect(await records('--aggregate', 'tea')).toHaveLength(2)
    expect(await records('--type', 'PriceSet')).toHaveLength(1)
    expect(await records('--since', '2026-03-03')).toHaveLength(1)
    expect(await records('--since', '2026-03-03T00:00:00Z', '--aggregate', 'tea')).toEqual([])
    expect((await conflicts('--aggregate', 'nobody')).stdout).toBe('no conflicts\n')
  })

  it('needs rules that can be used here, and a time that is one', async () => {
    const wrong = await conflicts('--since', '2026-02-30')
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toMatch(/--since must be a date or a time such as .*, not "2026-02-30"/)
    const gone = await runHere(['conflicts', '--store', store, '--rules', `${rules}x`])
    expect(gone).toMatchObject({ code: 1, stdout: '' })
    expect(gone.stderr).toMatch(/^rejoin conflicts: .*rules\.yamlx is not there\n$/)
  })

  it("asks the application's own resolvers, which a module brings", async () => {
    const folder = newFolder()
    const [file, module] = [join(folder, 'own.yaml'), join(folder, 'resolvers.ts')]
    writeFileSync(file, 'fallback: longest\n')
    writeFileSync(module, ownResolver)
    const ask = (...args: string[]) =>
      runHere(['conflicts', '--store', store, '--type', 'TitleSet', '--json', ...args])
    const asked = await ask('--rules', file, '--resolvers', module)
    expect(asked).toMatchObject({ code: 0, stderr: '' })
    const [record] = asked.stdout.split('\n').map((line) => JSON.parse(line || 'null'))
    expect(record).toMatchObject({ resolver: 'longest', winners: [0], outcome: 'keep' })
    const without = await ask('--rules', file)
    expect(without).toMatchObject({ code: 1, stdout: '' })
    expect(without.stderr).toMatch(
      /fallback can't be "longest": .*; the application's own functions come with --resolvers MODULE\n$/,
    )
    expect(await ask('--resolvers', module)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--resolvers goes with --rules FILE/),
    })
    const gone = await ask('--rules', `${file}x`)
    expect(gone.stderr).not.toMatch('--resolvers')
  })

  it("restore asks the application's own resolvers as well", async () => {
    const folder = newFolder()
    const [file, module, copy] = ['own.yaml', 'resolvers.ts', 'copy.db'].map((one) =>
      join(folder, one),
    ) as [string, string, string]
    writeFileSync(file, 'fallback: longest\n')
    writeFileSync(module, ownResolver)
    copyFileSync(store, copy)
    const by = ['--rules', file, '--resolvers', module]
    const asked = await runHere([
      'conflicts',
      '--store',
      copy,
      '--json',
      '--type',
      'TitleSet',
      ...by,
    ])
    const { superseded } = JSON.parse(asked.stdout.split('\n')[0] as string) as ConflictRecord
    const restored = await runHere([
      'restore',
      '--store',
      copy,
      '--event',
      String(superseded[0]),
      ...by,
    ])
    expect(restored).toMatchObject({ code: 0, stderr: '' })
    expect(await runHere(['restore', '--resolvers', module])).toMatchObject({ code: 2 })
  })

  it('without rules, everything counts', async () => {
    const { stdout } = await runHere(['conflicts', '--store', store, '--aggregate', 'tea'])
    expect(stdout).toMatch('additive (no rule)')
    expect(stdout).not.toMatch('lost')
  })

  it('what lost is brought back by its id, once', async () => {
    const lost = (await records('--type', 'TitleSet', '--aggregate', 'tea'))[0]?.superseded[0]
    const restore = () =>
      runHere(['restore', '--store', store, '--rules', rules, '--event', String(lost)])
    const restored = await restore()
    expect(restored).toMatchObject({ code: 0, stderr: '' })
    expect(restored.stdout).toMatch(new RegExp(`^${lost} of tea counts again, as restored-`))
    expect(await restore()).toEqual(restored)
    expect(await records('--open', '--aggregate', 'tea')).toEqual([])
    expect(await records('--aggregate', 'tea')).toHaveLength(2)
    // By other rules it has not lost.
    const other = await runHere(['restore', '--store', store, '--event', String(lost)])
    expect(other).toMatchObject({ code: 1, stdout: '' })
    expect(other.stderr).toMatch(
      /counts as it is.*; without --rules everything counts: give the rules/,
    )
  })

  it('restore takes a backup or an event, and says what is missing', async () => {
    const misuses: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /--from FILE is missing/],
      [['--from', 'a'], /--to FILE is missing/],
      [['--event', 'e'], /--store FILE is missing/],
      [['--store', 'a'], /--event ID is missing/],
      [['--store', 'a', '--event', 'e', '--to', 'b'], /--to does not go with --store and --event/],
    ]
    for (const [args, message] of misuses) {
      const ran = await runHere(['restore', ...args])
      expect(ran).toMatchObject({ code: 2, stdout: '' })
      expect(ran.stderr).toMatch(message)
    }
    const { stdout } = await runHere(['restore', '--help'])
    expect(stdout).toMatch(
      /^Usage: rejoin restore --from FILE --to FILE\n {7}rejoin restore --store/,
    )
  })
})

describe('dead-letters', () => {
  let store = ''
  beforeAll(async () => {
    store = join(newFolder(), 'notes.db')
    await using node = await open()
    await node.append([title('tea', 'bad'), title('cake', 'good')])
    await runAll(node, 'broken')
  })
  const deadLetters = (...args: string[]) => runHere(['dead-letters', '--store', store, ...args])
  const open = async () =>
    new SyncNode<{ TitleSet: string }>({
      store: await SqliteStore.open({ path: store, node: 'laptop' }),
    })

  it('shows what read models and subscriptions have set aside', async () => {
    const { code, stdout, stderr } = await deadLetters()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^projection titles {2}[0-9a-f-]{36} {2}TitleSet {2}tea {2}broken$/),
      expect.stringMatching(/^subscription mails {2}[0-9a-f-]{36} {2}TitleSet {2}tea {2}broken$/),
      '',
    ])
    const lines = (await deadLetters('--json')).stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { of: 'projection', name: 'titles', type: 'TitleSet', key: 'tea', message: 'broken' },
      { of: 'subscription', name: 'mails', aggregateId: 'tea' },
    ])
  })

  it('has a read model folded anew when its application runs next, and read until then', async () => {
    const retried = await deadLetters('--retry')
    expect(retried).toMatchObject({ code: 0 })
    expect(retried.stderr).toBe(
      'titles will be folded anew when its application runs next\n' +
        'mails is a subscription: its application retries, with retryDeadLetters()\n',
    )
    // Twice is once.
    expect(await deadLetters('--retry')).toEqual(retried)
    await using node = await open()
    const titles = node.project(titlesOf('mended'))
    await titles.run()
    expect((await titles.list()).results).toEqual([
      { key: 'cake', value: ['good'] },
      { key: 'tea', value: ['bad'] },
    ])
    expect(await titles.deadLetters()).toEqual([])
    expect((await deadLetters()).stdout).toMatch(/^subscription mails [^\n]*\n$/)
  })

  it('shows what a server refused', async () => {
    const path = join(newFolder(), 'parked.db')
    const hub = await MemoryStore.open({ node: 'hub' })
    await hub.append([{ ...title('tea', 'there'), id: 'same' }])
    const node = new SyncNode({
      store: await SqliteStore.open({ path }),
      transport: memoryTransport(hub),
    })
    await node.append([{ ...title('tea', 'here'), id: 'same' }])
    await node.sync()
    const { origin } = await hub.identity()
    for (const end of [node, hub]) await end.close()
    const ran = await runHere(['dead-letters', '--store', path])
    expect(ran.stdout).toMatch(new RegExp(`^link ${origin}  same  id_conflict  \\S`))
    const { stdout } = await runHere(['dead-letters', '--store', path, '--json'])
    expect(JSON.parse(stdout.split('\n')[0] as string)).toMatchObject({
      of: 'link',
      name: origin,
      event: 'same',
      reason: 'id_conflict',
    })
  })

  it('says so where there are none, and makes no store', async () => {
    const path = join(newFolder(), 'empty.db')
    const missing = await runHere(['dead-letters', '--retry', '--store', path])
    expect(missing).toMatchObject({ code: 1, stdout: '' })
    expect(missing.stderr).toMatch(/there is no file/)
    await (await SqliteStore.open({ path })).close()
    const { stdout } = await runHere(['dead-letters', '--store', path])
    expect(stdout).toBe('no dead letters\n')
  })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-conflicts-'))
  folders.push(folder)
  return folder
}

async function runAll(node: SyncNode<{ TitleSet: string }>, how: string): Promise<void> {
  await node.project(titlesOf(how)).run()
  await node
    .follow({
      name: 'mails',
      poison: 'deadLetter',
      handler: ({ event }) => refuse(event.data, how),
    })
    .run()
}

function titlesOf(how: string) {
  return {
    name: 'titles',
    poison: 'deadLetter',
    initial: [] as string[],
    on: {
      TitleSet: (titles: string[], { data }: { data: string }) => {
        refuse(data, how)
        return [...titles, data]
      },
    },
  } as const
}

function refuse(data: string, how: string): void {
  if (data === 'bad' && how === 'broken') throw new Error('broken')
}

function title(aggregateId: string, data: string) {
  return { type: 'TitleSet' as const, aggregateId, data }
}

/** Of two titles the longer: the older one of those here. */
const ownResolver = `
import type { Conflict } from '${new URL('../../conflict/index.ts', import.meta.url).href}'

export const resolvers = {
  longest: ({ branches }: Conflict) => {
    const lengths = branches.map(({ events }) => String(events.at(-1)?.data).length)
    return { kind: 'keep', winners: [lengths.indexOf(Math.max(...lengths))] } as const
  },
}
`

const rulesText = `
rules:
  - name: titles
    when: { type: TitleSet }
    resolve: last-write-wins
fallback: manual-review
`
