import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, vi } from 'vitest'
import { runHere } from '../../../test/e2e/command-io.ts'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'
import { connectState } from '../../client/index.ts'
import type { Origin } from '../../event/index.ts'
import { SqliteStore } from '../../store/sqlite/index.ts'
import { webSocketTransport } from '../../transport/websocket/index.ts'
import { serving } from '../fixtures/serving.ts'
import { Interruption } from '../interruption.ts'

describe('serve', () => {
  it('makes its folder, says where it listens, and stops with 0', async () => {
    const data = join(tempFolder(), 'a', 'b')
    const { url, stop, stderr } = await serving(['--data', data, '--node-id', 'hub'])
    expect(existsSync(join(data, 'events.db'))).toBe(true)
    expect((await fetch(`${url}/health`)).status).toBe(200)
    expect(await stop()).toBe(0)
    expect(stderr.text).toMatch(/INFO {2}the log is open {2}node=hub .*empty=true/)
    expect(stderr.text).toMatch(/stopped\n$/)
    await expect(fetch(url)).rejects.toThrow()
  })

  it('shows browsers a page at /, unless it shall not', async () => {
    const headers = { accept: 'text/html' }
    const [shown, hidden] = [await serving(['--memory']), await serving(['--memory', '--no-ui'])]
    const pages = [shown, hidden].map(async ({ url }) => (await fetch(url, { headers })).text())
    expect((await Promise.all(pages)).map((text) => text.includes('<script'))).toEqual([
      true,
      false,
    ])
  })

  it('serves state at all other paths, and keeps it in a file of its own', async () => {
    const data = tempFolder()
    const first = await serving(['--data', data])
    const posted = await fetch(`${first.url}/settings/1`, { method: 'POST', body: '{"on":true}' })
    expect(await posted.json()).toEqual({ index: '1' })
    const socket = new WebSocket(`${first.url}/settings/*`)
    socket.binaryType = 'arraybuffer'
    const [event] = (await once(socket, 'message')) as [MessageEvent<ArrayBuffer>]
    expect(new TextDecoder().decode(event.data)).toContain('"on":true')
    const gone = once(socket, 'close')
    expect(await first.stop()).toBe(0)
    expect(((await gone) as [CloseEvent])[0].code).toBe(1001)
    const again = await serving(['--data', data])
    expect(await (await fetch(`${again.url}/settings/*`)).json()).toMatchObject([{ index: '1' }])
    expect(existsSync(join(data, 'state.db'))).toBe(true)
  })

  it('keeps a log in memory', async () => {
    const { url } = await serving(['--memory', '--node-id', 'hub', '--log-format', 'json'])
    const hello = await fetch(`${url}/sync/hello`)
    expect(await hello.json()).toMatchObject({ node: 'hub' })
    const unnamed = await serving(['--memory'])
    expect((await (await fetch(`${unnamed.url}/sync/hello`)).json()) as object).toHaveProperty(
      'node',
    )
  })

  it('serves its log over WebSockets as well', async () => {
    const { url, stop } = await serving(['--memory', '--node-id', 'hub', '--token', 'secret'])
    const client = webSocketTransport({ url, token: 'secret' })
    const origin = 'laptop~00c1d2e3f4a5b6c7' as Origin
    expect((await client.hello({ origin })).node).toBe('hub')
    expect(await stop()).toBe(0)
    await client.close()
  })

  it('lets in who shows a token, from the command line or the environment', async () => {
    const { url } = await serving(['--memory', '--token', 'a', '--token', 'b'], {
      REJOIN_TOKEN: 'c',
    })
    const status = async (token: string) =>
      (await fetch(`${url}/sync/hello`, { headers: { authorization: `Bearer ${token}` } })).status
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(status))).toEqual([200, 200, 200, 401])
  })

  it.each([
    ['info', /the log is open/],
    ['error', /^$/],
  ])('logs from level %s on', async (level, form) => {
    const { stop, stderr } = await serving(['--memory', '--log-level', level])
    await stop()
    expect(stderr.text).toMatch(form)
  })

  it('logs JSON lines for machines', async () => {
    const { stop, stderr } = await serving(['--memory', '--log-format', 'json'])
    await stop()
    const lines = stderr.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.at(0)).toMatchObject({
      level: 'info',
      message: 'the log is open',
      store: 'memory',
    })
    expect(lines.at(-1)).toMatchObject({ message: 'stopped' })
  })
})

describe('serve, in a cluster,', () => {
  const address = (url: string) => new URL(url).host

  it('shares its keys, tells who leads them, and brings the leader the rest before it stops', async () => {
    const env = { REJOIN_TOKEN: 'secret' }
    const headers = { authorization: 'Bearer secret' }
    const leader = await serving(['--memory', '--key', 'users/*'], env)
    const args = ['--memory', '--leader', address(leader.url), '--key', 'users/*', '--key=settings']
    const member = await serving([...args, '--local-key', 'logs/*'], env)
    await vi.waitFor(() => expect(member.stderr.text).toMatch(/a server is there .*kind=native/))
    const post = { method: 'POST', body: '1', headers }
    await fetch(`${member.url}/users/1`, post)
    await vi.waitFor(async () =>
      expect((await fetch(`${leader.url}/users/1`, { headers })).status).toBe(200),
    )
    await fetch(`${member.url}/users/2`, post)
    expect(await member.stop()).toBe(0)
    const { status } = await fetch(`${leader.url}/users/2`, { headers })
    // A machine that was too busy for that says so.
    if (!member.stderr.text.includes('a server lacks writes')) expect(status).toBe(200)
    expect(member.stderr.text).toMatch(
      new RegExp(`this server follows {2}leader=${address(leader.url)} keys="users/\\*, settings"`),
    )
    expect(member.stderr.text).toMatch('this server leads  keys=logs/*')
    expect(member.stderr.text).toMatch(/the leader \S+ does not share this key {2}key=settings/)
    expect(leader.stderr.text).toMatch('this server leads  keys=users/*')
  })

  it('shows subscribers at pivot/status how the others are, and nobody else writes that', async () => {
    const other = await serving(['--memory', '--key', 'users/*'])
    const args = ['--memory', '--key', 'users/*', '--node', address(other.url)]
    const { url, stderr } = await serving(args)
    await using client = connectState(url)
    const healths: unknown[] = []
    const isGone = (async () => {
      for await (const object of client.subscribe<readonly { healthy: boolean }[]>(
        'pivot/status',
      )) {
        const [first] = object?.data ?? []
        healths.push(first?.healthy)
        if (healths.includes(true) && first?.healthy === false) return
      }
    })()
    await vi.waitFor(() => expect(stderr.text).toMatch('a server is there'))
    const shown = async () => (await (await fetch(`${url}/pivot/status`)).json()).data
    await vi.waitFor(async () =>
      expect(await shown()).toEqual([
        {
          address: address(other.url),
          healthy: true,
          lastCheck: expect.stringMatching(/^\d{4}-.*Z$/),
          protocol: '2.0',
          compatible: true,
        },
      ]),
    )
    for (const method of ['POST', 'PATCH', 'DELETE'])
      expect((await fetch(`${url}/pivot/status`, { method, body: '[]' })).status).toBe(403)
    await other.stop()
    await isGone
    // A line for each time, not for each look.
    const told = stderr.text.match(/a server is (away|there)/g) ?? []
    expect(told.every((line, at) => line !== told[at - 1])).toBe(true)
  })

  it('refuses, before it listens, what contradicts itself', async () => {
    const ran = await runHere(['serve', '--memory', '--port=0', '--key', 'a/*', '--key', 'a/b'])
    expect(ran).toEqual({
      code: 2,
      stdout: '',
      stderr: 'rejoin serve: --key "a/b" overlaps with "a/*" (see rejoin serve --help)\n',
    })
  })
})

describe('serve, while it starts,', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends at %s though the log is busy', async (name) => {
    const data = tempFolder()
    const other = new DatabaseSync(join(data, 'events.db'))
    other.exec('BEGIN EXCLUSIVE')
    const interruption = new AbortController()
    const open = SqliteStore.open.bind(SqliteStore)
    const spy = vi.spyOn(SqliteStore, 'open').mockImplementation((options) => {
      setImmediate(() => interruption.abort(new Interruption(name)))
      return open(options)
    })
    const { signal } = interruption
    const ran = await runHere(['serve', '--port', '0', '--data', data], { signal })
    spy.mockRestore()
    other.close()
    expect(ran).toEqual({ code: name === 'SIGINT' ? 130 : 143, stdout: '', stderr: '' })
  })
})

describe('serve refuses, with one line and exit code 1,', () => {
  const refusal = async (...args: string[]) => {
    const { code, stdout, stderr } = await runHere(['serve', '--port', '0', ...args])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    return stderr
  }

  it('a port in use', async () => {
    const { url } = await serving(['--memory'])
    const { stderr, code } = await runHere(['serve', '--memory', '--port', new URL(url).port])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^rejoin serve: .*the port is in use; choose another with --port .*\n$/)
  })

  it('what it cannot listen on before it makes anything', async () => {
    const { url } = await serving(['--memory'])
    const folder = tempFolder()
    const data = join(folder, 'data')
    const taken = await runHere(['serve', '--data', data, '--port', new URL(url).port])
    expect(taken).toMatchObject({ code: 1, stderr: expect.stringMatching('the port is in use') })
    await refusal('--data', data, '--host', '0.0.0.0')
    expect(readdirSync(folder)).toEqual([])
  })

  it('to be an open door', async () => {
    expect(await refusal('--memory', '--host', '0.0.0.0')).toMatch(
      /can be reached from other machines: .* --token, .* --insecure\n$/,
    )
    const { url } = await serving(['--memory', '--host', '0.0.0.0', '--insecure'])
    expect(url).toMatch(/0\.0\.0\.0/)
  })

  it('a folder that cannot be made', async () => {
    const file = join(tempFolder(), 'file')
    writeFileSync(file, '')
    expect(await refusal('--data', file)).toMatch(/a file has this name; choose another/)
    expect(await refusal('--data', join(file, 'x'))).toMatch(/a part of the path is a file/)
  })

  it('a folder in which no other can be made', async ({ skip }) => {
    skip(!existsSync('/proc/self'), 'only Linux has /proc')
    expect(await refusal('--data', '/proc/x')).toMatch(/no folder can be made there; choose/)
  })

  it('a log that is not ours', async () => {
    const data = tempFolder()
    writeFileSync(join(data, 'events.db'), 'notes on a napkin '.repeat(100))
    expect(await refusal('--data', data)).toMatch(/not a Rejoin event log/)
  })
})

it('a token in the environment that no header can carry is refused', async () => {
  const { code, stderr } = await runHere(['serve', '--port', '0', '--memory'], {
    env: { REJOIN_TOKEN: 'a b' },
  })
  expect(code).toBe(2)
  expect(stderr).toMatch(/^rejoin serve: REJOIN_TOKEN must be visible ASCII without spaces/)
})
