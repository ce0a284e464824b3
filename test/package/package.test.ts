import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { docBlocks } from '../doc-blocks.ts'
import { type Installed, installPackage, manifest, root } from './install.ts'

let installed: Installed
beforeAll(async () => {
  installed = await installPackage()
}, 120_000)
afterAll(() => installed.dispose())

describe('the package as users install it', () => {
  it('loads through every subpath it exports', () => {
    const names = Object.keys(manifest().exports).filter((name) => name !== './package.json')
    expect(names.length).toBeGreaterThan(10)
    const imports = names.map((name) => `await import('${name.replace('.', 'rejoin')}')`)
    writeFileSync(
      join(installed.project, 'all.mjs'),
      `const rooms = [${imports.join(', ')}]\n` +
        'console.log(rooms.length, rooms.filter((room) => Object.keys(room).length > 0).length)',
    )
    const printed = execFileSync(process.execPath, ['all.mjs'], { cwd: installed.project })
    expect(String(printed).trim()).toBe(`${names.length} ${names.length}`)
  })

  it('has a command that runs from dist and tells its version', () => {
    const bin = join(installed.project, 'node_modules', 'rejoin', 'bin', 'rejoin.mjs')
    const { stdout, stderr, status } = spawnSync(process.execPath, [bin, '--version'])
    expect(String(stderr)).toBe('')
    expect(String(stdout)).toContain(manifest().version)
    expect(status).toBe(0)
  })

  it('reads on threads of its own from dist', () => {
    writeFileSync(
      join(installed.project, 'threads.mjs'),
      `import { SqliteStore } from 'rejoin/store/sqlite'
const store = await SqliteStore.open({ path: process.argv[2], readers: 1 })
await store.append([{ type: 'Said', aggregateId: 'a', data: 'hello' }])
const { entries } = await store.entries()
console.log(entries[0].event.data)
await store.close()
`,
    )
    const path = join(installed.project, 'log.db')
    const printed = execFileSync(process.execPath, ['threads.mjs', path], {
      cwd: installed.project,
    })
    expect(String(printed).trim()).toBe('hello')
  })

  it('has the page of the state server, and none of what it is made of', () => {
    writeFileSync(
      join(installed.project, 'page.mjs'),
      `import { openState, stateServer } from 'rejoin/state'
const state = stateServer(await openState())
const headers = { accept: 'text/html' }
const answer = await state.handle(new Request('http://localhost/', { headers }))
console.log(answer.headers.get('content-type'), (await answer.text()).includes('<script'))
await state.close()
`,
    )
    const printed = execFileSync(process.execPath, ['page.mjs'], { cwd: installed.project })
    expect(String(printed).trim()).toBe('text/html; charset=utf-8 true')
    const state = join(installed.project, 'node_modules', 'rejoin', 'dist', 'state')
    expect(existsSync(join(state, 'server', 'ui', 'built-page.js'))).toBe(true)
    expect(existsSync(join(state, 'server', 'ui', 'page'))).toBe(false)
  })

  it('completes and checks in a strict TypeScript project', () => {
    writeFileSync(
      join(installed.project, 'app.ts'),
      `import { SyncNode } from 'rejoin'
import { MemoryStore } from 'rejoin/store/memory'
import type { Comparison, Held, PeerNetwork } from 'rejoin/cluster'
interface Events { Said: { words: string }; Left: null }
const node = new SyncNode<Events>({ store: await MemoryStore.open() })
const { events } = await node.append([{ type: 'Said', aggregateId: 'a', data: { words: 'hello' } }])
const first = events[0]
if (first?.type === 'Said') { const words: string = first.data.words; console.log(words) }
// @ts-expect-error: no such event
await node.append([{ type: 'Shouted', aggregateId: 'a', data: null }])
// @ts-expect-error: another payload
await node.append([{ type: 'Said', aggregateId: 'a', data: { words: 1 } }])
const stale = await node.append([{ type: 'Left', aggregateId: 'a' }], { expected: 'none' })
// @ts-expect-error: with expected heads the answer has to be looked at
stale.events
await node.close()
// A network of one's own can name all that it answers.
type Answered = [ReturnType<NonNullable<PeerNetwork['compare']>>, ReturnType<NonNullable<PeerNetwork['held']>>]
const answered = (one: Promise<Comparison>, other: Promise<Held>): Answered => [one, other]
answered(Promise.resolve([]), Promise.resolve({ objects: new Map(), activity: 0n }))
`,
    )
    writeFileSync(join(installed.project, 'package.json'), '{"type":"module"}')
    const subpaths = Object.keys(manifest().exports).filter((path) => path !== './package.json')
    const all = subpaths.map((path, at) => `export * as room${at} from 'rejoin${path.slice(1)}'`)
    writeFileSync(join(installed.project, 'all.ts'), all.join('\n'))
    // Our own declarations are checked as well, where there are no types of browsers.
    const options =
      '--strict --exactOptionalPropertyTypes --module nodenext --target es2024 --noEmit ' +
      '--lib es2024,esnext.disposable'
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const args = [...options.split(' '), '--types', 'node', 'app.ts', 'all.ts']
    const { stdout, status } = spawnSync(tsc, args, { cwd: installed.project })
    expect(String(stdout)).toBe('')
    expect(status).toBe(0)
  })

  it('has docs whose code checks in a strict TypeScript project', () => {
    const files = docBlocks()
      .filter(({ language, page }) => language === 'ts' && !checkedElsewhere.test(page))
      .map(({ page, line, code }) => {
        const name = `${page.replaceAll(/\W/g, '-')}-${line}.ts`
        writeFileSync(join(installed.project, name), `${code}export {}\n`)
        return name
      })
    expect(files.length).toBeGreaterThan(40)
    writeFileSync(join(installed.project, 'package.json'), '{"type":"module"}')
    const options =
      '--strict --exactOptionalPropertyTypes --module nodenext --target esnext --noEmit'
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const args = [...options.split(' '), '--types', 'node', ...files]
    const { stdout, status } = spawnSync(tsc, args, { cwd: installed.project })
    expect(String(stdout)).toBe('')
    expect(status).toBe(0)
  })
})

/** Their blocks are files of one program, which a test of its own checks; or they need frameworks that are not here. */
const checkedElsewhere = /write-a-|use-it-in/
