import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { type Change, changesOf } from '../../examples/git-history/changes.ts'
import { eventOf } from '../../examples/git-history/events.ts'
import { generateRepository } from '../../examples/git-history/generated-repository.ts'
import { tempFolder } from './temp-folder.ts'

vi.setConfig({ testTimeout: 90_000 })

const demo = fileURLToPath(new URL('../../examples/git-history/demo.ts', import.meta.url))

/** An empty repository in a folder, and a way to run git there. */
function repository() {
  const folder = join(tempFolder(), 'repo')
  mkdirSync(folder)
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    })
  const commit = (subject: string) => {
    git('add', '--all')
    git('commit', '--quiet', '--allow-empty', '--allow-empty-message', '--message', subject)
  }
  git('init', '--quiet', '--initial-branch', 'main')
  return {
    folder,
    git,
    commit,
    write: (path: string, text: string) => writeFileSync(join(folder, path), text),
  }
}

async function changesIn(folder: string): Promise<Change[]> {
  const changes: Change[] = []
  for await (const change of changesOf(folder)) changes.push(change)
  return changes
}

const shape = ({ kind, path, from, subject }: Change) =>
  `${subject}: ${kind} ${from === undefined ? '' : `${from} to `}${path}`

describe('the changes of a repository', () => {
  it('are one for each file of each commit, oldest first', async () => {
    const { folder, git, commit, write } = repository()
    write('a.txt', 'one')
    write('b c.txt', 'two')
    commit('first')
    commit('nothing')
    write('a.txt', 'changed')
    git('mv', 'b c.txt', 'd.txt')
    commit('')
    git('rm', '--quiet', 'a.txt')
    write('line\nfeed é', 'three')
    commit('last')
    const changes = await changesIn(folder)
    expect(changes.map(shape)).toEqual([
      'first: added a.txt',
      'first: added b c.txt',
      ': modified a.txt',
      ': renamed b c.txt to d.txt',
      'last: deleted a.txt',
      'last: added line\nfeed é',
    ])
    expect(changes[0]).toMatchObject({
      author: 'Ada',
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      blob: expect.stringMatching(/^[0-9a-f]{40}$/),
    })
  })

  it('of a merge are those of the commits it brings together', async () => {
    const { folder, git, commit, write } = repository()
    write('a', '1')
    commit('root')
    git('checkout', '--quiet', '-b', 'side')
    write('b', '1')
    commit('side')
    git('checkout', '--quiet', 'main')
    write('c', '1')
    commit('main')
    git('merge', '--quiet', '--no-edit', 'side')
    expect((await changesIn(folder)).map(shape).sort()).toEqual([
      'main: added c',
      'root: added a',
      'side: added b',
    ])
  })

  it('of a shallow clone begin with the oldest commits that are there', async () => {
    const { folder, commit, write } = repository()
    for (const text of ['1', '2', '3']) {
      write('a', text)
      commit(text)
    }
    const clone = join(folder, '..', 'clone')
    execFileSync('git', ['clone', '--quiet', '--depth', '2', `file://${folder}`, clone])
    expect((await changesIn(clone)).map(shape)).toEqual(['2: added a', '3: modified a'])
  })

  it('of a folder without a repository are refused with git’s own words', async () => {
    await expect(changesIn(tempFolder())).rejects.toThrow(/git can't read .*not a git repository/)
  })
})

describe('an event', () => {
  const change: Change = {
    commit: 'c1',
    author: 'Ada',
    at: '2026-01-01T00:00:00Z',
    subject: 's',
    kind: 'added',
    path: 'a.txt',
    blob: 'b1',
  }

  it('has an id that follows from commit and path', () => {
    const { id, ...event } = eventOf(change)
    expect(event).toMatchObject({ type: 'FileAdded', aggregateId: 'a.txt', data: { commit: 'c1' } })
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(eventOf({ ...change, subject: 'x' }).id).toBe(id)
    expect(eventOf({ ...change, commit: 'c2' }).id).not.toBe(id)
    expect(eventOf({ ...change, path: 'b.txt' }).id).not.toBe(id)
  })

  it('keeps a path that is no aggregate id in its data', () => {
    for (const path of ['x'.repeat(256), 'line\nfeed']) {
      const { aggregateId, data } = eventOf({ ...change, path })
      expect(aggregateId).toMatch(/^path-[0-9a-f]{64}$/)
      expect(data).toMatchObject({ path })
    }
  })
})

it('a generated repository has as many changes as asked for, and is always the same', async () => {
  const folder = tempFolder()
  const ids = await Promise.all(
    ['a.git', 'b.git'].map(async (name) => {
      await generateRepository(join(folder, name), 700)
      return (await changesIn(join(folder, name))).map((change) => eventOf(change).id)
    }),
  )
  expect(ids[0]?.length).toBeGreaterThanOrEqual(700)
  expect(new Set(ids[0]).size).toBe(ids[0]?.length)
  expect(ids[1]).toEqual(ids[0])
})

describe('the demo', () => {
  async function run(...args: string[]) {
    const temporary = tempFolder()
    const child = spawn(process.execPath, [demo, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', TMPDIR: temporary },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    const [code] = await once(child, 'close')
    return { code, output, temporary }
  }

  it('kills the hub between two acknowledgements, ends with three equal logs, and tidies up', async () => {
    const { folder, commit, write } = repository()
    write('a', '1')
    commit('too small')
    const { code, output, temporary } = await run(
      '--repo',
      folder,
      '--events',
      '240',
      '--requests',
      '6',
    )
    expect({ code, output }).toMatchObject({ code: 0 })
    expect(output).toMatch(/generated, because repo has only 1/)
    expect(output).toMatch(/the kill landed between the first and the last/)
    expect(output).toMatch(/laptop, phone and hub hold the same, byte for byte/)
    expect(output).not.toMatch('✘')
    expect(readdirSync(temporary)).toEqual([])
  })

  it('explains itself, and says what it does not understand', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      output: expect.stringMatching('--repo PATH'),
    })
    expect(await run('--bogus')).toMatchObject({ code: 2, output: expect.stringMatching('demo: ') })
    expect((await run('--events', '1')).code).toBe(2)
  })
})
