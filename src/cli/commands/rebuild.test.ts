import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runHere } from '../../../test/e2e/command-io.ts'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'
import { defineRules } from '../../conflict/index.ts'
import { Projections, projection } from '../../projection/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import { SqliteStore } from '../../store/sqlite/index.ts'
import { SyncNode } from '../../sync/index.ts'
import { memoryTransport } from '../../transport/memory/index.ts'

interface Events {
  NoteWritten: { words: number }
}

/** More results than one commit writes. */
const keys = 9_000
const words = projection<Events, number>({
  name: 'words',
  initial: 0,
  on: { NoteWritten: (sum, { data }) => sum + data.words },
})

describe('rebuild', () => {
  let folder = ''
  let store = ''
  beforeEach(async () => {
    folder = tempFolder()
    store = join(folder, 'notes.db')
    await using log = await SqliteStore.open({ path: store, node: 'laptop' })
    for (let at = 0; at < keys; at += 1_000)
      await log.append(
        Array.from({ length: 1_000 }, (_, n) => ({
          type: 'NoteWritten',
          aggregateId: `note-${at + n}`,
          data: { words: 2 },
        })),
      )
    await using all = new Projections({ store: log, rules: 'rules  upcasters []' })
    await all.project(words).run()
  })
  afterEach(() => {
    delete hooks.rejoinTest
  })

  it('folds anew while the old result is read, and then the new one is', async () => {
    const module = moduleIn(
      folder,
      `NoteWritten: async (sum, { data }) => { await look?.(); return sum + data.words * 10 }`,
    )
    const seen: unknown[] = []
    hooks.rejoinTest = async () => {
      hooks.rejoinTest = undefined
      seen.push(await wordsOf(store), (await statusOf(store))[0])
    }
    const ran = await rebuild('--projections', module)
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.stdout).toMatch(/^words: 9000 events folded anew in .+\n$/)
    expect(seen).toEqual([2, expect.objectContaining({ name: 'words', lag: 0, rebuilding: 0 })])
    expect(await wordsOf(store)).toBe(20)
    // In a pipe, lines; how many depends on how much one commit takes.
    expect(ran.stderr).toMatch(/^(folding words: \d0 % \([\d,]+ events\)\n)+$/)
    expect(await statusOf(store)).toEqual([
      { name: 'words', version: 1, rules: null, lag: 0, deadLetters: 0 },
    ])
  })

  it('draws a bar on a terminal', async () => {
    // As long as nobody could read it, nothing is drawn.
    const module = moduleIn(
      folder,
      `NoteWritten: async (sum, { data }) => { await look?.(); return sum + data.words }`,
    )
    const began = performance.now()
    hooks.rejoinTest = async () => {
      while (performance.now() < began + 200) await new Promise((resolve) => setImmediate(resolve))
    }
    const ran = await rebuild('--projections', module, { terminal: 100 })
    expect(ran).toMatchObject({ code: 0 })
    expect(stripVTControlCharacters(ran.stderr)).toMatch(
      /folding words {2}━+ +\d+ % {2}[\d,]+ events/,
    )
    expect(ran.stderr.endsWith('\r\x1b[2K')).toBe(true)
  })

  it('folds those that are named, and says which there are', async () => {
    const module = join(folder, 'several.ts')
    writeFileSync(
      module,
      `${importing}const of = (name: string) => projection({ name, initial: 0, on: { NoteWritten: (n: number) => n + 1 } })
export const [one, words] = [of('one'), of('words')]
export default { projections: [one, of('two')] }
`,
    )
    const all = await rebuild('--projections', module)
    expect(all.stdout.match(/^\w+(?=: 9000 events folded anew)/gm)).toEqual(['one', 'two', 'words'])
    const some = await rebuild('--projections', module, '--name', 'two', '--name', 'two')
    expect(some.stdout.match(/^\w+/gm)).toEqual(['two'])
    const none = await rebuild('--projections', module, '--name', 'three')
    expect(none).toMatchObject({ code: 1, stdout: '' })
    expect(none.stderr).toMatch(/several\.ts has no projection "three"; it has one, two, words\n$/)
  })

  it('folds by the rules of the application, from a file or the module, and by no others', async () => {
    const [hub, path] = [await MemoryStore.open(), join(folder, 'shared.db')]
    await hub.append([{ type: 'NoteWritten', aggregateId: 'a', data: { words: 1 } }])
    const rules = defineRules({ fallback: 'last-write-wins' })
    const log = await SqliteStore.open({ path, node: 'phone' })
    const node = new SyncNode<Events>({ store: log, transport: memoryTransport(hub), rules })
    await node.append([{ type: 'NoteWritten', aggregateId: 'a', data: { words: 2 } }])
    await node.sync()
    await node.project(words).run()
    await node.close()
    const file = join(folder, 'rules.yaml')
    writeFileSync(file, 'fallback: last-write-wins\n')
    const fold = 'NoteWritten: (sum, { data }) => sum + data.words * 10'
    const of = (...args: string[]) =>
      runHere(['rebuild', '--store', path, '--projections', ...args])

    const without = await of(moduleIn(folder, fold))
    expect(without).toMatchObject({ code: 1, stdout: '' })
    expect(without.stderr).toContain(`words was folded by other rules (${rules.hash}, not none)`)
    expect(without.stderr).toMatch(/export rules and upcasters, or use --rules\n$/)
    const upcast = await of(
      moduleIn(folder, fold, 'export const upcasters = { NoteWritten: [] }'),
      '--rules',
      file,
    )
    expect(upcast).toMatchObject({ code: 1, stderr: expect.stringMatching(/other upcasters/) })
    expect(await wordsOf(path, 'a')).toBe(2)

    expect(await of(moduleIn(folder, fold), '--rules', file)).toMatchObject({ code: 0, stderr: '' })
    expect(await wordsOf(path, 'a')).toBe(20)
    const inModule = `import { defineRules } from '${source('conflict')}'\nexport const rules = defineRules({ fallback: 'last-write-wins' })`
    const both = moduleIn(folder, fold.replace('10', '100'), inModule)
    expect(await of(both)).toMatchObject({ code: 0 })
    expect(await wordsOf(path, 'a')).toBe(200)
    expect(await of(both, '--rules', file)).toMatchObject({ code: 2 })
    expect(await statusOf(path)).toMatchObject([{ name: 'words', rules: rules.hash }])
    const { stdout } = await runHere(['status', '--store', path])
    expect(stdout).toMatch(
      new RegExp(`^ {2}words {5}version 1, up to date, rules ${rules.hash}$`, 'm'),
    )
  })

  it('a fold that throws leaves the old result, and says where', async () => {
    const ran = await rebuild(
      '--projections',
      moduleIn(folder, `NoteWritten: () => { throw new Error('no such word') }`),
    )
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^rejoin rebuild: .*no such word/m)
    expect(await wordsOf(store)).toBe(2)
  })

  it('what is set aside is told', async () => {
    const throwing = `NoteWritten: (sum, { aggregateId }) => { if (aggregateId === 'note-7') throw new Error('no'); return 1 }`
    const ran = await rebuild(
      '--projections',
      moduleIn(folder, throwing, '', `poison: 'deadLetter',`),
    )
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.stderr).toMatch(/1 event set aside; see rejoin dead-letters\n$/)
    const { stdout } = await runHere(['status', '--store', store])
    expect(stdout).toMatch(/^ {2}words {5}version 1, up to date, 1 event set aside, no rules$/m)
  })

  it('ends when it is interrupted, and says what stays', async () => {
    const module = moduleIn(
      folder,
      `NoteWritten: async (sum) => { await look?.(); return sum + 1 }`,
    )
    const stop = new AbortController()
    hooks.rejoinTest = async () => stop.abort(new Error('enough'))
    const ran = await rebuild('--projections', module, { signal: stop.signal })
    expect(ran.code).not.toBe(0)
    expect(ran.stderr).toBe('interrupted; the old result of words stays\n')
    expect(await wordsOf(store)).toBe(2)
  })

  it('refuses an older version than is there, a module without projections, and a store that is not there', async () => {
    const fold = 'NoteWritten: (sum) => sum'
    const newer = moduleIn(folder, fold, '', 'version: 3,')
    expect(await rebuild('--projections', newer)).toMatchObject({ code: 0 })
    const older = await rebuild('--projections', moduleIn(folder, fold, '', 'version: 2,'))
    expect(older.stderr).toMatch(/words is there in version 3, newer than 2 of the module\n$/)
    const empty = join(folder, 'empty.ts')
    writeFileSync(empty, 'export const notes = 1\n')
    const nothing = await rebuild('--projections', empty)
    expect(nothing.stderr).toMatch(
      /empty\.ts must export what projection\(\) .*; it exports notes\n$/,
    )
    const wrong = join(folder, 'wrong.ts')
    writeFileSync(wrong, `export const notes = { name: 'notes', options: { name: 'notes' } }\n`)
    expect((await rebuild('--projections', wrong)).stderr).toMatch(/wrong\.ts: /)
    const gone = ['rebuild', '--store', join(folder, 'gone.db'), '--projections', newer]
    expect((await runHere(gone)).stderr).toMatch(/there is no file .*gone\.db\n$/)
  })

  function rebuild(...args: (string | Parameters<typeof runHere>[1])[]) {
    const options = args.find((one) => typeof one !== 'string') ?? {}
    const texts = args.filter((one) => typeof one === 'string')
    return runHere(['rebuild', '--store', store, ...texts], options)
  }
})

/** What folds of a module call, if it is there. */
const hooks = globalThis as { rejoinTest?: (() => Promise<void>) | undefined }

function source(room: string): string {
  return new URL(`../../${room}/index.ts`, import.meta.url).href
}

const importing = `import { projection } from '${source('projection')}'\n`
let modules = 0

/** A module of its own for each: a module is loaded once. */
function moduleIn(folder: string, fold: string, more = '', options = ''): string {
  const path = join(folder, `projections-${modules++}.mjs`)
  writeFileSync(
    path,
    `${importing}${more}
const look = () => globalThis.rejoinTest?.()
export const words = projection({ name: 'words', initial: 0, ${options} on: { ${fold} } })
`,
  )
  return path
}

async function wordsOf(path: string, key = 'note-1'): Promise<number | undefined> {
  await using log = await SqliteStore.open({ path, readonly: true })
  // Nothing is folded by who only looks.
  await using all = new Projections({ store: log })
  return await all.project(words).get(key)
}

async function statusOf(path: string): Promise<readonly object[]> {
  const { stdout } = await runHere(['status', '--json', '--store', path])
  return JSON.parse(stdout).readModels
}
