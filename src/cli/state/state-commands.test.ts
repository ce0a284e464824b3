import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Captured, runHere } from '../../../test/e2e/command-io.ts'
import { type LiveServer, liveServer } from '../../client/fixtures/live-server.ts'
import { run } from '../run.ts'
import { Output } from '../terminal/output.ts'

let server: LiveServer
beforeAll(async () => {
  server = await liveServer()
})
beforeEach(async () => {
  for (const pattern of ['*', 'users/*']) await server.tree.delete(pattern)
})
afterAll(() => server[Symbol.asyncDispose]())

/** `rejoin NAME URL ARGS…`: its code, what it prints, and what it complains of. */
async function rejoin(name: string, args: readonly string[], stdin?: string) {
  const { code, stdout, stderr } = await runHere([name, server.url, ...args], {
    ...(stdin !== undefined && { stdin }),
  })
  return [code, stdout, stderr.replaceAll(server.url, 'URL')]
}

describe('rejoin on a state server', () => {
  it('sets and gets, digit for digit (T4)', async () => {
    expect(await rejoin('set', ['box', '{"n": 12345678901234567890, "d": 1.10}'])).toEqual([
      0,
      'box\n',
      '',
    ])
    expect(await rejoin('get', ['box'])).toEqual([0, '{"n":12345678901234567890,"d":1.10}\n', ''])
    const object = await server.tree.get('box')
    expect(await rejoin('get', ['box', '--json'])).toEqual([0, `${object?.text}\n`, ''])
  })

  it('takes data from standard input, and what begins with a minus after --', async () => {
    expect((await rejoin('set', ['box'], ' [1,\n2]\n'))[0]).toBe(0)
    expect(await rejoin('get', ['box'])).toEqual([0, '[1,2]\n', ''])
    expect((await rejoin('set', ['--json', 'box', '-'], '"in"'))[1]).toBe(
      '{"kind":"written","path":"box"}\n',
    )
    expect((await rejoin('set', ['box', '--', '-5']))[0]).toBe(0)
    expect((await server.tree.get('box'))?.data).toBe(-5)
  })

  it('pushes, lists and deletes', async () => {
    const [, pushed] = await rejoin('push', ['users/*', '{"name":"Ann"}'])
    await rejoin('set', ['users/bob', '{"name":"Bob"}'])
    const [ann, bob] = [`${String(pushed).trim()}  {"name":"Ann"}\n`, 'users/bob  {"name":"Bob"}\n']
    expect(await rejoin('list', ['users/*'])).toEqual([0, bob + ann, ''])
    expect(await rejoin('list', ['users/*', '--oldest'])).toEqual([0, ann + bob, ''])
    const [, json] = await rejoin('list', ['users/*', '--json'])
    expect(String(json).split('\n')[0]).toBe((await server.tree.get('users/bob'))?.text)
    expect(await rejoin('del', ['users/*'])).toEqual([0, 'users/*\n', ''])
    expect(await rejoin('list', ['users/*'])).toEqual([0, '', ''])
  })

  it('patches in each form', async () => {
    await rejoin('set', ['lamp', '{"on":true,"colour":{"r":1}}'])
    await rejoin('patch', ['lamp', '{"colour":{"g":2}}'])
    await rejoin('patch', ['lamp', '{"on":null}', '--form', 'merge-patch'])
    await rejoin('patch', ['lamp', '[{"op":"remove","path":"/colour/r"}]', '--form=json-patch'])
    expect((await server.tree.get('lamp'))?.data).toEqual({ colour: { g: 2 } })
  })

  it.each([
    ['get', ['none']],
    ['del', ['none']],
    ['patch', ['none', '{}']],
  ])('%s exits 1 where nothing stands', async (name, args) => {
    expect(await rejoin(name, args)).toEqual([1, '', 'nothing stands at none\n'])
  })

  it.each<[string, readonly string[], string]>([
    ['get', [], 'PATH is missing'],
    ['get', ['a', 'b'], 'unexpected argument "b"'],
    ['set', ['box', 'dark'], `DATA is no JSON; as a text it is written '"dark"'`],
    ['set', ['box', '{"a":'], 'DATA is no JSON'],
    [
      'patch',
      ['box', '1', '--form', 'xml'],
      '--form must be merge, merge-patch, json-patch, not "xml"',
    ],
  ])('%s %j is misuse: one line, exit code 2', async (name, args, problem) => {
    expect(await rejoin(name, args)).toEqual([
      2,
      '',
      `rejoin ${name}: ${problem} (see rejoin ${name} --help)\n`,
    ])
  })

  it('says what is wrong with an address', async () => {
    const { code, stderr } = await runHere(['get', 'box', 'box'])
    expect([code, stderr]).toEqual([
      2,
      'rejoin get: URL must be an address such as http://127.0.0.1:8080, not "box" (see rejoin get --help)\n',
    ])
    expect((await runHere(['get'])).stderr).toMatch('URL is missing')
  })

  it('says what the server says, and what to do', async () => {
    expect(await rejoin('set', ['sync/x', '1'])).toEqual([
      1,
      '',
      expect.stringMatching(/^rejoin set: the server .*40[0-9].*\n$/),
    ])
    const { code, stderr } = await runHere(['get', 'http://127.0.0.1:1', 'box'])
    expect(code).toBe(1)
    expect(stderr).toBe(
      "rejoin get: can't reach http://127.0.0.1:1/box: fetch goes to no port that is known for another protocol; check the address, or try again later\n",
    )
  })

  it('shows a token, given or from the environment', async () => {
    await using closed = await liveServer({}, ['secret'])
    const get = (args: readonly string[], env = {}) =>
      runHere(['get', closed.url, 'box', ...args], { env })
    await closed.tree.set('box', 1)
    expect((await get(['--token', 'secret'])).stdout).toBe('1\n')
    expect((await get([], { REJOIN_TOKEN: 'secret' })).stdout).toBe('1\n')
    const { code, stderr } = await get([])
    expect(code).toBe(1)
    expect(stderr).toMatch('--token or in REJOIN_TOKEN')
  })
})

describe('rejoin watch', () => {
  it('prints what there is and what changes, through an outage, until interrupted', async () => {
    await using own = await liveServer()
    await own.tree.set('users/ann', 1)
    const watching = watch(own.url, 'users/*')
    await watching.until('users/ann  1\n')
    await own.tree.set('users/bob', 2)
    await watching.until('users/bob  2\n')
    await own.stop()
    await own.tree.delete('users/ann')
    await own.tree.set('users/bob', 3)
    await own.start()
    await watching.until('users/bob  3\n')
    expect(watching.text()).toBe('users/ann  1\nusers/bob  2\nusers/ann  (nothing)\nusers/bob  3\n')
    expect(await watching.interrupt()).not.toBe(0)
    expect(watching.complaints()).toMatch('; trying again\n')
  })

  it('prints one object as JSON, and its end', async () => {
    await using own = await liveServer()
    const watching = watch(own.url, 'box', '--json')
    const written = await own.tree.set('box', { a: 1 })
    await watching.until(`${written.object?.text}\n`)
    await own.tree.delete('box')
    await watching.until('{"path":"box","deleted":true}\n')
    await watching.interrupt()
  })

  it('ends where the server refuses', async () => {
    await using closed = await liveServer({}, ['secret'])
    const { code, stderr } = await runHere(['watch', closed.url, 'box'])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^rejoin watch: .*REJOIN_TOKEN.*\n$/)])
  })
})

function watch(...args: readonly string[]) {
  const [stdout, stderr] = [new Captured(), new Captured()]
  const stop = new AbortController()
  const done = run(['watch', ...args], {
    stdin: Readable.from([]),
    out: new Output(stdout, {}),
    err: new Output(stderr, {}),
    env: {},
    signal: stop.signal,
  })
  return {
    text: () => stdout.text,
    complaints: () => stderr.text,
    async until(end: string) {
      while (!stdout.text.endsWith(end))
        await new Promise<void>((resolve) => {
          stdout.onText = () => resolve()
        })
    },
    interrupt() {
      stop.abort(new Error('interrupted'))
      return done
    },
  }
}
