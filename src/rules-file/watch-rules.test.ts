import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tempFolder } from '../../test/e2e/temp-folder.ts'
import { defineRules, type RuleSet } from '../conflict/index.ts'
import type { RejoinError } from '../errors/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { rulesFromFile, type WatchRulesOptions, watchRules } from './index.ts'

const text = (fallback: string) => `fallback: ${fallback}\n`
const hashOf = (fallback: string) => defineRules({ fallback }).hash

describe('a file that is read', () => {
  it('gives its rules, functions by name included', async () => {
    const path = join(tempFolder(), 'rules.yaml')
    writeFileSync(path, 'fallback: mine\n')
    const resolvers = { mine: () => ({ kind: 'keep', winners: [0] }) as const }
    const rules = await rulesFromFile(path, { resolvers })
    expect(rules.hash).toBe(defineRules({ fallback: 'mine', resolvers }).hash)
  })

  it('is refused with file, line and column, and all else that is wrong', async () => {
    const path = join(tempFolder(), 'rules.yaml')
    writeFileSync(path, 'fallback: mine\nrulez: []\n')
    await expect(rulesFromFile(path)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(
        /rules\.yaml:1:11: fallback can't be "mine".* \(and 1 more\)$/,
      ),
      details: {
        file: path,
        line: 1,
        column: 11,
        problems: [expect.any(String), expect.any(String)],
      },
    })
  })

  it('must be there, be a file, be text, and have an end', async () => {
    const folder = tempFolder()
    const path = join(folder, 'rules.yaml')
    await expect(rulesFromFile(path)).rejects.toMatchObject({ code: 'not_found' })
    await expect(rulesFromFile(folder)).rejects.toMatchObject({ code: 'storage_io' })
    writeFileSync(path, Buffer.from([0x61, 0xff]))
    await expect(rulesFromFile(path)).rejects.toThrow(/is not UTF-8$/)
    writeFileSync(path, ' '.repeat(1024 * 1024 + 1))
    await expect(rulesFromFile(path)).rejects.toMatchObject({ code: 'too_large' })
    const signal = AbortSignal.abort('enough')
    await expect(rulesFromFile(path, { signal })).rejects.toBe('enough')
  })
})

describe('a file under watch', () => {
  it('gives its rules at once, and others when it is written', async () => {
    const { path, watched, next } = await watching()
    expect(watched.rules.hash).toBe(hashOf('additive'))
    writeFileSync(path, text('manual-review'))
    expect((await next()).hash).toBe(hashOf('manual-review'))
    expect(watched.rules.hash).toBe(hashOf('manual-review'))
  })

  it('may be replaced by moving another over it, again and again', async () => {
    const { path, next } = await watching()
    for (const fallback of ['manual-review', 'merge-fields', 'last-write-wins']) {
      writeFileSync(`${path}.new`, text(fallback))
      renameSync(`${path}.new`, path)
      expect((await next()).hash).toBe(hashOf(fallback))
    }
  })

  it('may be a link, to where the file changes and to another one', async () => {
    const folder = tempFolder()
    for (const version of ['one', 'two']) {
      mkdirSync(join(folder, version))
      writeFileSync(join(folder, version, 'rules.yaml'), text('additive'))
    }
    mkdirSync(join(folder, 'config'))
    const path = join(folder, 'config', 'rules.yaml')
    symlinkSync(join(folder, 'one', 'rules.yaml'), path)
    const { next } = await watching({}, path)
    writeFileSync(join(folder, 'one', 'rules.yaml'), text('merge-fields'))
    expect((await next()).hash).toBe(hashOf('merge-fields'))
    writeFileSync(join(folder, 'two', 'rules.yaml'), text('manual-review'))
    symlinkSync(join(folder, 'two', 'rules.yaml'), `${path}.new`)
    renameSync(`${path}.new`, path)
    expect((await next()).hash).toBe(hashOf('manual-review'))
    writeFileSync(join(folder, 'two', 'rules.yaml'), text('first-write-wins'))
    expect((await next()).hash).toBe(hashOf('first-write-wins'))
  })

  it('keeps the rules before while it is broken, and tells once where', async () => {
    const { path, watched, errors, nextError, next, changes } = await watching()
    writeFileSync(path, 'rules: []\nfallback: lww\n')
    const error = await nextError()
    expect(error.message).toMatch(/rules\.yaml:2:11: fallback can't be "lww"/)
    expect(error.details).toMatchObject({ line: 2, column: 11 })
    expect(watched.rules.hash).toBe(hashOf('additive'))
    // Written again as it was, it is as broken as before.
    writeFileSync(path, 'rules: []\nfallback: lww\n')
    writeFileSync(`${path}.other`, '')
    await looks(path)
    expect(errors).toHaveLength(1)
    writeFileSync(path, 'rules: []\nfallback: fww\n')
    expect((await nextError()).message).toMatch(/"fww"/)
    writeFileSync(path, text('merge-fields'))
    expect((await next()).hash).toBe(hashOf('merge-fields'))
    expect([errors.length, changes.length]).toEqual([2, 1])
  })

  it('is not taken for broken while it is being written', async () => {
    const timer = queue<() => void>([])
    let isHeld = true
    const runtime = {
      ...systemRuntime,
      timer(ms: number, callback: () => void) {
        if (ms === 5) isHeld ? timer.tell(callback) : systemRuntime.soon(callback)
        return { cancel: () => {} }
      },
    }
    const { path, errors, changes, next } = await watching({ runtime })
    writeFileSync(path, 'fallback: merge-fi')
    const look = await timer.next()
    // What happened so far is told; only the look itself asks for another.
    await looks(path)
    look()
    const lookAgain = await timer.next()
    expect(changes).toEqual([])
    writeFileSync(path, text('merge-fields'))
    isHeld = false
    lookAgain()
    expect((await next()).hash).toBe(hashOf('merge-fields'))
    expect(errors).toEqual([])
  })

  it('may be gone for a while', async () => {
    const { path, watched, nextError, next } = await watching()
    unlinkSync(path)
    expect(await nextError()).toMatchObject({ code: 'not_found' })
    expect(watched.rules.hash).toBe(hashOf('additive'))
    writeFileSync(path, text('merge-fields'))
    expect((await next()).hash).toBe(hashOf('merge-fields'))
  })

  it('has no other rules for a comment', async () => {
    const { path, changes, next } = await watching()
    writeFileSync(path, `# as before\n${text('additive')}`)
    await looks(path)
    writeFileSync(path, text('merge-fields'))
    await next()
    expect(changes.map(({ hash }) => hash)).toEqual([hashOf('merge-fields')])
  })

  it('is looked at now and then where the system can’t tell', async () => {
    const folder = join(tempFolder(), 'gone')
    mkdirSync(folder)
    const path = join(folder, 'rules.yaml')
    const { next } = await watching({ interval: 20 }, path)
    // The watch stays with the folder that was.
    renameSync(folder, `${folder}.old`)
    rmSync(`${folder}.old`, { recursive: true })
    mkdirSync(folder)
    writeFileSync(path, text('merge-fields'))
    expect((await next()).hash).toBe(hashOf('merge-fields'))
  })

  it('is broken to begin with: then there are no rules to go on with', async () => {
    const path = join(tempFolder(), 'rules.yaml')
    writeFileSync(path, 'rulez: []')
    await expect(watchRules(path, () => {})).rejects.toThrow(/rules\.yaml:1:1: unknown key/)
  })

  it('tells what a listener throws, and goes on', async () => {
    const thrown = ['at once', 'later']
    const onChange = (): unknown => {
      const message = thrown.shift()
      if (message === 'at once') throw new Error(message)
      return message === undefined ? undefined : Promise.reject(new Error(message))
    }
    const { path, nextError, next } = await watching({}, undefined, onChange)
    writeFileSync(path, text('manual-review'))
    expect((await nextError()).message).toBe('at once')
    writeFileSync(path, text('merge-fields'))
    expect((await nextError()).message).toBe('later')
    writeFileSync(path, text('last-write-wins'))
    while ((await next()).hash !== hashOf('last-write-wins'));
  })

  it.each(['close', 'abort'])('calls nothing back after %s, and leaves no timer', async (how) => {
    const timers = new Set<object>()
    const runtime = {
      ...systemRuntime,
      timer(ms: number, callback: () => void) {
        const timer = systemRuntime.timer(ms, () => {
          timers.delete(handle)
          callback()
        })
        const handle = {
          cancel: () => {
            timers.delete(handle)
            timer.cancel()
          },
        }
        timers.add(handle)
        return handle
      },
    }
    const controller = new AbortController()
    const { path, watched, changes } = await watching({ runtime, signal: controller.signal })
    writeFileSync(path, text('manual-review'))
    if (how === 'abort') controller.abort()
    await watched.close()
    await watched.close()
    await looks(path)
    expect([changes.length, timers.size]).toEqual([0, 0])
    expect(watched.rules.hash).toBe(hashOf('additive'))
  })

  it('can be called off before it begins', async () => {
    const path = join(tempFolder(), 'rules.yaml')
    writeFileSync(path, text('additive'))
    const signal = AbortSignal.abort('enough')
    await expect(watchRules(path, () => {}, { signal })).rejects.toBe('enough')
  })

  it.each([
    ['debounce', { debounce: 0 }],
    ['interval', { interval: 1.5 }],
    ['onError', { onError: 7 as never }],
    ['signal', { signal: 'x' as never }],
  ])('refuses an option that makes no sense: %s', async (name, options) => {
    const told = { code: 'invalid_argument', message: expect.stringMatching(`^${name} must be`) }
    await expect(watchRules('rules.yaml', () => {}, options)).rejects.toMatchObject(told)
  })
})

/** A watched file that begins with additive rules. */
async function watching(
  options: WatchRulesOptions = {},
  path = join(tempFolder(), 'rules.yaml'),
  onChange: (rules: RuleSet) => unknown = () => {},
) {
  const [changes, errors]: [RuleSet[], RejoinError[]] = [[], []]
  const [change, error] = [queue(changes), queue(errors)]
  writeFileSync(path, text('additive'))
  const watched = await watchRules(
    path,
    (rules) => {
      change.tell(rules)
      return onChange(rules) as undefined
    },
    { debounce: 5, onError: error.tell, ...options },
  )
  onTestFinished(() => watched.close())
  return { path, watched, changes, errors, next: change.next, nextError: error.next }
}

/** Resolves when another watcher, begun later, has seen the file and what is written to it after. */
async function looks(path: string): Promise<void> {
  const probe = `${path}.probe`
  writeFileSync(probe, text('additive'))
  const { promise, resolve } = Promise.withResolvers<RuleSet>()
  await using _ = await watchRules(probe, resolve, { debounce: 40 })
  writeFileSync(probe, text('merge-fields'))
  await promise
}

/** What is told, one after the other. */
function queue<T>(told: T[]) {
  let taken = 0
  let wake = () => {}
  return {
    tell: (one: T) => {
      told.push(one)
      wake()
    },
    async next(): Promise<T> {
      while (told.length <= taken)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      return told[taken++] as T
    },
  }
}
