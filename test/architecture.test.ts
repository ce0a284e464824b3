import { describe, expect, it } from 'vitest'
import { checkBans } from '../architecture/bans.ts'
import { type CircularFolder, checkCircles, circular } from '../architecture/circles.ts'
import { expectedExports } from '../architecture/exports.ts'
import { floors, sameFloor } from '../architecture/floors.ts'
import { checkHouse } from '../architecture/house.ts'
import { readSources } from '../architecture/sources.ts'
import type { Finding } from '../architecture/syntax.ts'

const sources = readSources()

describe('src/', () => {
  it('keeps to the house plan', () => {
    expect(report(checkHouse(sources))).toEqual([])
  })

  it('has no files that import each other in a circle, but where a reason is given', () => {
    expect(report(checkCircles(sources))).toEqual([])
    for (const { reason } of circular) expect(reason).not.toBe('')
  })

  it('takes time, timers and randomness from the runtime only, and exports by name', () => {
    expect(report(checkBans(sources))).toEqual([])
  })
})

describe('the house plan', () => {
  it('has each room once', () => {
    const rooms = floors.flat()
    expect(rooms).toEqual([...new Set(rooms)])
  })

  it('lets neighbours on a floor import each other one way only, and with a reason', () => {
    const floorOf = (room: string) => floors.findIndex((rooms) => rooms.includes(room))
    for (const { from, to, reason } of sameFloor) {
      expect(floorOf(from)).toBe(floorOf(to))
      expect(reason).not.toBe('')
      expect(sameFloor.some((other) => other.from === to)).toBe(false)
    }
  })

  it.each([
    ['a static import', `import { open } from '../sync/index.ts'`],
    ['an import for its effects', `import '../sync/index.ts'`],
    ['a type import', `import type { SyncNode } from '../sync/index.ts'`],
    ['an inline type import', `import { type SyncNode } from '../sync/index.ts'`],
    ['a dynamic import', `export const load = () => import('../sync/index.ts')`],
    ['a dynamic import in a template', 'export const load = () => import(`../sync/index.ts`)'],
    ['a re-export', `export { open } from '../sync/index.ts'`],
    ['a type re-export', `export type { SyncNode } from '../sync/index.ts'`],
    ['a re-export of everything', `export * from '../sync/index.ts'`],
    ['an import() type', `export type Node = import('../sync/index.ts').SyncNode`],
    ['an import() type below typeof', `export type Open = typeof import('../sync/index.ts')`],
    ['an import with require', `import sync = require('../sync/index.ts')`],
  ])('finds %s that goes uphill', (_, text) => {
    expect(house({ 'src/link/engine.ts': `\n${text}\n` })).toEqual([
      expect.stringMatching(
        /^src\/link\/engine\.ts:2 .*"sync" \(floor 7\) is above "link" \(floor 5\)$/,
      ),
    ])
  })

  it.each([
    ['downhill', 'link', '../store/memory/index.ts'],
    ['inside a room', 'link', './retry.ts'],
    ['inside a room, from a folder', 'link/http', '../retry.ts'],
    ['along an allowed exception', 'contracts', '../event/index.ts'],
    ['of a package', 'link', 'zod'],
  ])('allows an import %s', (_, folder, specifier) => {
    expect(house({ [`src/${folder}/engine.ts`]: `import { x } from '${specifier}'` })).toEqual([])
  })

  it.each([
    ['of a neighbour on the same floor', 'clock', '../version/index.ts', 'on the same floor'],
    ['against an allowed exception', 'event', '../contracts/index.ts', 'on the same floor'],
    ['of an unknown room', 'link', '../utils/index.ts', 'not in the table'],
    ['out of src/', 'link', '../../test/x.ts', 'outside every room'],
    ['by the published name', 'link', 'rejoin/errors', 'use the relative path'],
  ])('finds an import %s', (_, folder, specifier, message) => {
    expect(house({ [`src/${folder}/engine.ts`]: `import { x } from '${specifier}'` })).toEqual([
      expect.stringContaining(message),
    ])
  })

  it('finds a room that is missing from the table, and a file outside any room', () => {
    expect(house({ 'src/utils/a.ts': '', 'src/index.ts': '' })).toEqual([
      expect.stringContaining('the room "utils" is not in the table'),
      expect.stringContaining('must live in a room'),
    ])
  })

  it('finds an import() whose module cannot be known', () => {
    expect(house({ 'src/link/a.ts': 'export const load = (x: string) => import(x)' })).toEqual([
      expect.stringContaining('string literal'),
    ])
  })

  it('keeps drivers apart, except for the shared folder', () => {
    const imports = (specifier: string) => ({
      'src/store/sqlite/a.ts': `import { x } from '${specifier}'`,
    })
    expect(house(imports('../log/index.ts'))).toEqual([])
    expect(house(imports('../memory/index.ts'))).toEqual([
      expect.stringContaining('the driver "store/sqlite" may not use "store/memory"'),
    ])
    expect(house({ 'src/store/log/a.ts': `import { x } from '../memory/index.ts'` })).toHaveLength(
      1,
    )
  })

  it('exempts test files', () => {
    expect(house({ 'src/link/a.test.ts': `import '../sync/index.ts'` })).toEqual([])
  })
})

describe('a circle of files', () => {
  const there = { 'src/link/a.ts': `import { b } from './b.ts'`, 'src/link/c.ts': '' }
  const allowed = [{ folder: 'src/link/', reason: 'they are one' }]

  it.each([
    ['a type import', `import type { A } from './a.ts'`],
    ['a re-export', `export { a } from './a.ts'`],
    ['an import() type', `export type A = import('./a.ts').A`],
  ])('is found, also where %s closes it', (_, text) => {
    const files = { ...there, 'src/link/b.ts': `export const b = 1\n${text}` }
    expect(circles(files)).toEqual([
      'src/link/a.ts:1 it imports, and is imported by, src/link/b.ts',
    ])
    expect(circles(files, allowed)).toEqual([])
  })

  it('is found whole, and with others beside it', () => {
    const files = {
      ...there,
      'src/link/b.ts': `import { c } from './c.ts'`,
      'src/link/c.ts': `import { a } from './a.ts'`,
      'src/sync/d.ts': `import { e } from './e.ts'`,
      'src/sync/e.ts': `import { d } from './d.ts'\nimport { a } from '../link/a.ts'`,
    }
    const words = 'it imports, and is imported by,'
    expect(circles(files)).toEqual([
      `src/link/a.ts:1 ${words} src/link/b.ts, src/link/c.ts`,
      `src/sync/d.ts:1 ${words} src/sync/e.ts`,
    ])
    expect(circles(files, allowed)).toEqual([`src/sync/d.ts:1 ${words} src/sync/e.ts`])
  })

  it('is none where one of them waits until it is asked for, or is a test', () => {
    const late = `export const late = () => import('./a.ts')`
    expect(circles({ ...there, 'src/link/b.ts': late })).toEqual([])
    const tests = {
      'src/link/a.test.ts': `import './b.ts'`,
      'src/link/b.ts': `import './a.test.ts'`,
    }
    expect(circles(tests)).toEqual([])
  })

  it('that is allowed and is gone is found', () => {
    expect(circles(there, allowed)).toEqual([
      'architecture/circles.ts:1 src/link/ has no circle any more',
    ])
  })
})

describe('the core bundle', () => {
  it.each([
    [`import { readFile } from 'node:fs/promises'`],
    [`import { readFile } from 'fs/promises'`],
    [`import type { Server } from 'node:http'`],
    [`export { readFile } from 'node:fs/promises'`],
    [`export const fs = () => import('node:fs')`],
    [`export type Server = import('node:http').Server`],
  ])('imports nothing from Node: %s', (text) => {
    expect(house({ 'src/transport/http/client.ts': text })).toEqual([
      expect.stringContaining('in the core bundle'),
    ])
    for (const path of ['src/store/sqlite/a.ts', 'src/server/a.ts', 'src/runtime/node.ts'])
      expect(house({ [path]: text })).toEqual([])
  })

  it('does not pull in code that needs Node, except when asked at run time', () => {
    const imports = (text: string) => house({ 'src/runtime/index.ts': text })
    expect(imports(`export { nodeRuntime } from './node.ts'`)).toEqual([
      expect.stringContaining('into the core bundle'),
    ])
    expect(imports(`export const load = () => import('./node.ts')`)).toEqual([])
    expect(imports(`export type { NodeRuntime } from './node.ts'`)).toEqual([])
  })
})

describe('the bans', () => {
  it.each([
    ['Date', `export const now = () => Date.now()`],
    ['Date', `export const at = () => new Date()`],
    ['Date', `export type At = Date`],
    ['Date', `export const now = () => globalThis.Date.now()`],
    ['Date', `export const now = () => (globalThis as any)['Date'].now()`],
    ['performance', `export const now = () => performance.now()`],
    ['setTimeout', `setTimeout(() => {}, 5)`],
    ['setTimeout', `export const wait = { run: setTimeout }`],
    ['setInterval', `setInterval(() => {}, 5)`],
    ['setImmediate', `setImmediate(() => {})`],
    ['Math.random', `export const x = Math.random()`],
    ['Math.random', `export const x = Math['random']()`],
    ['Math.random', `export const { random } = Math`],
    ['another name for Math', `export const m = Math`],
    ['crypto.randomUUID', `export const x = crypto.randomUUID()`],
    ['crypto.getRandomValues', `crypto.getRandomValues(new Uint8Array(4))`],
    ['crypto.getRandomValues', `globalThis.crypto.getRandomValues(new Uint8Array(4))`],
    ['crypto.randomBytes', `import { randomBytes } from 'node:crypto'`],
    ['crypto.randomUUID', `import { createHash, randomUUID as id } from 'node:crypto'`],
    ['crypto.randomInt', `export { randomInt } from 'crypto'`],
    ['crypto.*', `import * as all from 'node:crypto'`],
    ['crypto.*', `export const load = () => import('node:crypto')`],
    ['AbortSignal.timeout', `export const x = AbortSignal.timeout(5)`],
    ['AbortSignal.timeout', `export const { timeout } = AbortSignal`],
    ['timers.setTimeout', `import { setTimeout as later } from 'node:timers'`],
    ['timers/promises.setTimeout', `import { setTimeout as wait } from 'node:timers/promises'`],
    ['timers/promises.scheduler', `import { scheduler } from 'timers/promises'`],
    ['perf_hooks.PerformanceObserver', `import { PerformanceObserver } from 'node:perf_hooks'`],
    ['process.hrtime', `export const x = process.hrtime.bigint()`],
  ])('%s is found in: %s', (name, text) => {
    const banned = `${name} is banned outside src/runtime`
    expect(bans('src/server/a.ts', text)).toContainEqual(expect.stringContaining(banned))
    expect(bans('src/runtime/a.ts', text)).toEqual([])
    expect(bans('src/server/a.test.ts', text)).toEqual([])
  })

  it.each([
    [`export const x = Math.max(1, 2)`],
    [`export const f = (s: AbortSignal) => s instanceof AbortSignal && AbortSignal.any([s])`],
    [`import { createHash } from 'node:crypto'`],
    [`export const f = (runtime: any) => runtime.setTimeout(() => {}, runtime.Date)`],
    [`export interface Runtime { setTimeout(): void; readonly Date: number }`],
    [`export const { argv } = process`],
    [`// Date.now() and setTimeout`],
    [`export const text = 'Date.now()'`],
  ])('nothing is found in: %s', (text) => {
    expect(bans('src/server/a.ts', text)).toEqual([])
  })

  it.each([
    ['export *', `export * from './b.ts'`],
    ['export *', `export * as b from './b.ts'`],
    ['export default', `export default function open() {}`],
    ['export default', `const open = 1\nexport { open as default }`],
  ])('%s is found, also in src/runtime', (name, text) => {
    for (const path of ['src/link/a.ts', 'src/runtime/a.ts'])
      expect(bans(path, text)).toContainEqual(expect.stringContaining(`${name} is banned`))
  })
})

it('every room, every driver and what they share has an export, internal rooms have none', () => {
  const paths = ['sync', 'link', 'sqlite', 'store/memory', 'store/log', 'link/deep'].map(
    (room) => `src/${room}/index.ts`,
  )
  expect(expectedExports([...paths, 'src/clock/hybrid.ts'])).toEqual({
    '.': { types: './dist/sync/index.d.ts', default: './dist/sync/index.js' },
    './link': { types: './dist/link/index.d.ts', default: './dist/link/index.js' },
    './store/log': {
      types: './dist/store/log/index.d.ts',
      default: './dist/store/log/index.js',
    },
    './store/memory': {
      types: './dist/store/memory/index.d.ts',
      default: './dist/store/memory/index.js',
    },
    './package.json': './package.json',
  })
})

function circles(files: Readonly<Record<string, string>>, allowed: readonly CircularFolder[] = []) {
  return report(
    checkCircles(
      Object.entries(files).map(([path, text]) => ({ path, text })),
      allowed,
    ),
  )
}

function house(files: Record<string, string>): string[] {
  return report(checkHouse(Object.entries(files).map(([path, text]) => ({ path, text }))))
}

function bans(path: string, text: string): string[] {
  return report(checkBans([{ path, text }]))
}

function report(findings: readonly Finding[]): string[] {
  return findings.map(({ path, line, message }) => `${path}:${line} ${message}`)
}
