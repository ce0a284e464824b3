import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Captured, runHere } from '../../../test/e2e/command-io.ts'
import { clusterServer, httpPeerNetwork, openCluster } from '../../cluster/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { serve } from '../../server/index.ts'
import { openState } from '../../state/index.ts'
import { serving } from '../fixtures/serving.ts'
import { Interruption } from '../interruption.ts'
import { Output } from '../terminal/output.ts'
import { clusterCalls } from './cluster-calls.ts'
import type { ToldStatus } from './told-status.ts'
import { watchStatus } from './watch-status.ts'

const hostOf = (url: string) => new URL(url).host

describe('rejoin cluster status', () => {
  it('tells people and programs how a server is, and exits 0 when all is well', async () => {
    const { url } = await serving(['--memory', '--node-id', 'hub', '--key', 'users/*'])
    const ran = await runHere(['cluster', 'status', url])
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toMatch(/^hub leads all its keys: ok\n\nKEY .*\nusers\/\* .*\n/)
    const json = await runHere(['cluster', 'status', url, '--json'])
    expect(json.code).toBe(0)
    expect(JSON.parse(json.stdout)).toMatchObject({
      ...{ node: 'hub', role: 'pivot', peers: [] },
      keys: [{ path: 'users/*', term: '0', role: 'leader' }],
    })
  })

  it('exits 1 when a leader is away, and says which', async () => {
    const leader = await serving(['--memory', '--key', 'users/*'])
    const address = hostOf(leader.url)
    const member = await serving(['--memory', '--key', 'users/*', '--leader', address])
    await leader.stop()
    const status = () => runHere(['cluster', 'status', member.url])
    const stopped = await until(status, ({ stdout }) => stdout.includes('is away'))
    expect(stopped).toMatchObject({ code: 1, stderr: '' })
    expect(stopped.stdout).toMatch(`${address}, which leads users/*, is away: can't reach`)
  })

  it('exits 1 when a leader is of a cluster with another name, and says of which', async () => {
    const leader = await serving(['--memory', '--key', 'users/*', '--cluster-name', 'the east'])
    const address = hostOf(leader.url)
    const args = ['--memory', '--key', 'users/*', '--cluster-name', 'west', '--leader', address]
    const { url } = await serving(args)
    const status = () => runHere(['cluster', 'status', url])
    const told = await until(status, ({ stdout }) => stdout.includes('another'))
    expect(told).toMatchObject({ code: 1, stderr: '' })
    expect(told.stdout).toMatch(/of the cluster "west" follows in all its keys: 2 troubles\n/)
    expect(told.stdout).toMatch(
      `${address}, which leads users/*, is of another cluster, "the east": nothing is exchanged`,
    )
  })

  it('says that a server is in no cluster', async () => {
    const { url } = await serving(['--memory'])
    for (const name of ['status', 'promote'])
      expect(await runHere(['cluster', name, url])).toEqual({
        code: 1,
        stdout: '',
        stderr: `rejoin cluster ${name}: the server at ${url} is in no cluster: rejoin serve --key KEY makes it one of a cluster\n`,
      })
  })

  it('shows a token, and says when one is wanted', async () => {
    const { url } = await serving(['--memory', '--key', 'a', '--token', 'secret'])
    const args = ['cluster', 'status', url]
    expect((await runHere([...args, '--token', 'secret'])).code).toBe(0)
    expect((await runHere(args, { env: { REJOIN_TOKEN: 'secret' } })).code).toBe(0)
    const { code, stderr } = await runHere(args)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/--token or in REJOIN_TOKEN\n$/)])
  })

  it('says what to do about a server that is not there, or that is none', async () => {
    const { url, stop } = await serving(['--memory'])
    await stop()
    const { code, stderr } = await runHere(['cluster', 'status', url])
    expect(code).toBe(1)
    expect(stderr).toMatch(/nothing listens there .*; check the address, or try again later\n$/)
    expect((await runHere(['cluster', 'status', 'hub:8080'])).stderr).toMatch(
      'rejoin cluster status: URL must be an address such as http://127.0.0.1:8080, not "hub:8080"',
    )
  })
})

describe('a server of a cluster that hangs', () => {
  it('is named after ten seconds, with what to do, and is asked no longer once that is interrupted', async () => {
    await using hung = await hanging()
    const hurried: Runtime = {
      ...systemRuntime,
      timer: (ms, run) => systemRuntime.timer(ms / 200, run),
    }
    await using calls = clusterCalls(hung.url, undefined, hurried)
    const { signal } = new AbortController()
    const message = (more: string) =>
      `the server at ${hung.url} did not answer within 10 s${more}: see whether it hangs or is suspended, or whether something on the way swallows what is sent`
    await expect(calls.status(signal)).rejects.toMatchObject({
      ...{ code: 'timeout', retryable: true, message: message('') },
    })
    await expect(calls.promote(undefined, signal)).rejects.toThrow(
      message(', and may lead by now or later: ask rejoin cluster status'),
    )
    for (const watch of [[], ['--watch']]) {
      const end = new AbortController()
      const asked = hung.asked()
      const ran = runHere(['cluster', 'status', hung.url, ...watch], { signal: end.signal })
      await asked
      end.abort(new Interruption('SIGINT'))
      expect(await ran).toMatchObject({ code: watch.length === 0 ? 130 : 1, stdout: '' })
    }
  })
})

/** Takes requests, and answers none. */
async function hanging() {
  let heard = () => {}
  const server = createServer(() => heard()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => new Promise<void>((resolve) => (heard = resolve)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

describe('rejoin cluster status --watch', () => {
  it('prints what is new until it is interrupted, and exits as the last status says', async () => {
    const leader = await serving(['--memory', '--key', 'users/*'])
    const args = ['--memory', '--key', 'users/*', '--node', hostOf(leader.url)]
    const { url } = await serving(args)
    await until(
      () => runHere(['cluster', 'status', url]),
      ({ stdout }) => / there /.test(stdout),
    )
    const watching = watch(url, { json: false })
    await watching.until(/: ok\n/)
    for (let looks = 0; looks < 8; looks++) await watching.pause()
    // One, unless the machine was too busy to answer for a moment.
    expect(watching.stdout.text.match(/^KEY /gm)?.length).toBeLessThan(8)
    await leader.stop()
    await watching.until(/: 1 trouble\n/)
    expect(await watching.interrupt()).toBe(1)
  })

  it('draws it anew on a terminal, and goes on when the server is away for a while', async () => {
    const { url, stop } = await serving(['--memory', '--key', 'users/*'])
    const watching = watch(url, { json: false, terminal: 80 })
    await watching.until(/leads all its keys[\s\S]*Ctrl-C ends this/)
    expect(watching.stdout.text.startsWith('\x1b[H\x1b[2J')).toBe(true)
    await watching.pause()
    await stop()
    await watching.until(/nothing listens there[\s\S]*trying again/)
    expect(await watching.interrupt()).toBe(1)
    expect(watching.stderr.text).toBe('')
  })

  it('prints JSON, a line each, and tells of outages elsewhere', async () => {
    const { url, stop } = await serving(['--memory', '--key', 'users/*'])
    const watching = watch(url, { json: true })
    await watching.until(/\n/)
    await stop()
    await watching.until(/trying again\n/, 'stderr')
    expect(await watching.interrupt()).toBe(1)
    const told = watching.stdout.text.trimEnd().split('\n')
    expect(told.map((line) => (JSON.parse(line) as ToldStatus).role)).toEqual(['pivot'])
  })
})

describe('rejoin cluster promote', () => {
  it('says which keys the server leads now, and who led them', async () => {
    const leader = await serving(['--memory', '--key', 'a', '--key', 'b'])
    const address = hostOf(leader.url)
    const args = ['--memory', '--key', 'a', '--key', 'b', '--leader', address]
    // Nobody calls it: its word is enough here.
    const { url, stderr } = await serving([...args, '--advertise', '127.0.0.1:9'])
    await until(
      async () => stderr.text,
      (text) => /WARN {2}this server does not reach itself .* address=127\.0\.0\.1:9/.test(text),
    )
    const why = "can't reach 127.0.0.1:9: nothing listens there (ECONNREFUSED)"
    const promote = (...more: readonly string[]) => runHere(['cluster', 'promote', url, ...more])
    expect(await promote('--key', 'b')).toEqual({
      ...{ code: 0, stdout: `b: led by 127.0.0.1:9 now, before by ${address}\n` },
      stderr: `the others follow it to 127.0.0.1:9, where it does not reach itself (${why}): if they don't either, correct its --advertise and promote it again\n`,
    })
    expect((await promote()).stdout).toBe(
      `a: led by 127.0.0.1:9 now, before by ${address}\nb: led by 127.0.0.1:9 already\n`,
    )
    const json = (await promote('--json')).stdout
    expect(JSON.parse(json)).toEqual({ keys: [], unreached: why })
    expect(await promote('--key', 'c')).toEqual({
      ...{ code: 1, stdout: '' },
      stderr: `rejoin cluster promote: ${url} shares no key "c", but a, b; did you mean "a"?\n`,
    })
    expect((await promote('--key', 'a', '--key', 'a')).code).toBe(2)
  })

  it('says what to do about a clock that others would not follow', async () => {
    const leader = await serving(['--memory', '--key', 'a'])
    const runtime = { ...systemRuntime, now: () => systemRuntime.now() + 2 * 86_400_000 }
    await using state = await openState()
    await using cluster = await openCluster({
      ...{ state, keys: [{ path: 'a' }], leader: hostOf(leader.url), address: 'here:1' },
      ...{ network: httpPeerNetwork(), runtime },
    })
    await using server = await serve({ mounts: {}, cluster: clusterServer(cluster), port: 0 })
    const { url } = server
    await until(
      () => runHere(['cluster', 'status', url]),
      ({ stdout }) => / there /.test(stdout),
    )
    expect(await runHere(['cluster', 'promote', url])).toEqual({
      ...{ code: 1, stdout: '' },
      stderr: `rejoin cluster promote: the clock of the server at ${url} is a day or more ahead of all others, or behind them, so that what one writes is refused by the other: set that clock right there, then do this again\n`,
    })
  })

  it('is refused where another server answers at the address, as with copied settings', async () => {
    const leader = await serving(['--memory', '--node-id', 'hub', '--key', 'a'])
    const address = hostOf(leader.url)
    const args = ['--memory', '--key', 'a', '--leader', address, '--advertise', address]
    const { url, stderr } = await serving(args)
    await until(
      async () => stderr.text,
      (text) => text.includes('WARN  another server answers at the address of this one'),
    )
    const trouble = `another server, hub, answers at ${address}, the address of this one: give each its own (rejoin serve --advertise)`
    expect(await runHere(['cluster', 'promote', url])).toEqual({
      ...{ code: 1, stdout: '' },
      stderr: `rejoin cluster promote: ${trouble}\n`,
    })
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: '{}' }
    const asked = await fetch(`${url}/_rejoin/cluster/promote`, init)
    expect([asked.status, await asked.text()]).toEqual([
      400,
      expect.stringContaining(`another server, hub, answers at ${address}`),
    ])
    const status = await runHere(['cluster', 'status', url])
    expect([status.code, status.stdout]).toEqual([1, expect.stringContaining(`\n  ${trouble}\n`)])
    expect((await runHere(['cluster', 'status', url, '--json'])).stdout).toContain('"term":"0"')
  })

  it('says what a server lacks that cannot be promoted', async () => {
    const { url } = await serving(['--memory', '--key', 'a'])
    const { code, stderr } = await runHere(['cluster', 'promote', url])
    expect(code).toBe(1)
    expect(stderr).toMatch(/does not know its own address.*--advertise HOST:PORT\n$/)
  })
})

/** Watching by hand: one more look for each `pause`, which resolves when that has been printed. */
function watch(url: string, { json, terminal }: { json: boolean; terminal?: number }) {
  const [stdout, stderr] = [new Captured(terminal), new Captured()]
  const stop = new AbortController()
  let wake = () => {}
  let looked = () => {}
  const runtime = {
    now: () => Date.UTC(2026, 2, 1),
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        wake = resolve
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
        looked()
      }),
  }
  const calls = clusterCalls(url, undefined)
  const io = { out: new Output(stdout, {}), err: new Output(stderr, {}), signal: stop.signal }
  const done = watchStatus(calls, { json, runtime }, io as never)
  const pause = () =>
    new Promise<void>((resolve) => {
      looked = resolve
      wake()
    })
  return {
    ...{ stdout, stderr, pause },
    async until(form: RegExp, where: 'stdout' | 'stderr' = 'stdout') {
      while (!form.test({ stdout, stderr }[where].text)) await pause()
    },
    async interrupt() {
      stop.abort(new Error('interrupted'))
      const code = await done
      await calls[Symbol.asyncDispose]()
      return code
    },
  }
}

async function until<T>(look: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look()
    if (holds(seen)) return seen
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
