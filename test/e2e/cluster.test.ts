import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { rejoin, start } from './command-process.ts'
import { ownPorts } from './own-ports.ts'
import { tempFolder } from './temp-folder.ts'

// Each test starts many processes, on machines that may be busy with others.
vi.setConfig({ testTimeout: 180_000 })

it('a leader and two members: status, kill -9, promotion, and nothing acknowledged is lost (K1)', async () => {
  const { hub, a, b, addresses } = await threeServers()
  let runningHub = await hub.start()
  await Promise.all([a.start(), b.start()])

  const acknowledged = new Map<string, string>()
  const write = async (server: Server, id: string) => {
    const path = `users/${id}`
    const body = JSON.stringify({ at: server.name, id })
    const answer = await fetch(`${server.url}/${path}`, { method: 'POST', body })
    if (answer.status === 200) acknowledged.set(path, body)
    return answer.status
  }
  expect(await write(a, 'first')).toBe(200)
  await until(async () => holdsAll(hub, acknowledged))
  await eventually(async () => {
    const { code, stdout } = await rejoin(['cluster', 'status', a.url])
    expect(masked(stdout, addresses)).toBe(`a at A follows in all its keys: ok

KEY  ROLE  LEADER  TERM  PENDING  AS OF  PROOF
users/*  member  HUB  configured  0  TIME ago  PROOF
settings  member  HUB  configured  0  TIME ago  PROOF
things/*  member  HUB  configured  0  TIME ago  PROOF

SERVER  KIND  HEALTH  CHECKED  LAG  CLOCK
HUB  rejoin  there  TIME ago  -  TIME
  live: follows the remote, and pushes what is committed here at once; nothing is unsent
B  rejoin  there  TIME ago  TIME  TIME
`)
    expect(code).toBe(0)
  })

  // In the middle of writes to it.
  for (let at = 0; at < 200; at++) {
    if (at === 40) runningHub.child.kill('SIGKILL')
    const status = await write(hub, `hub${at}`).catch(() => 0)
    if (at > 40 && status === 0) break
  }
  expect((await runningHub.ended).signal).toBe('SIGKILL')
  expect(acknowledged.size).toBeGreaterThan(40)
  expect([await write(a, 'alone'), await write(b, 'alone2')]).toEqual([200, 200])
  const paths = ['users/alone', 'users/alone2'] as const
  const own = new Map(paths.map((path) => [path, acknowledged.get(path) as string]))
  await until(async () => (await holdsAll(a, own)) && (await holdsAll(b, own)))
  await eventually(async () => {
    const { code, stdout } = await rejoin(['cluster', 'status', a.url])
    expect(masked(stdout, addresses)).toMatch(
      /^a at A follows in all its keys: 1 trouble\n {2}HUB, which leads users\/\*, settings, things\/\*, is away: /,
    )
    expect(code).toBe(1)
  })

  const promoted = await rejoin(['cluster', 'promote', a.url])
  expect(promoted).toMatchObject({ code: 0, stderr: '' })
  const nowLed = ['users/*', 'settings', 'things/*'].map(
    (key) => `${key}: led by A now, before by HUB\n`,
  )
  expect(masked(promoted.stdout, addresses)).toBe(nowLed.join(''))
  expect(await write(b, 'under-a')).toBe(200)

  runningHub = await hub.start()
  const follows = new RegExp(`this server follows {2}leader=${a.address} `)
  await runningHub.printed(follows, 'stderr')
  await until(async () => {
    for (const server of [hub, a, b]) if (!(await holdsAll(server, acknowledged))) return false
    return true
  })
  expect(await write(hub, 'back')).toBe(200)
  await until(async () => holdsAll(b, acknowledged))
  await eventually(async () => {
    const { code, stdout } = await rejoin(['cluster', 'status', hub.url])
    expect(masked(stdout, addresses)).toMatch(
      /^hub at HUB follows in all its keys: ok\n[^\n]*\n[^\n]*\nusers\/\* {2}member {2}A {2}DATE {2}0 /,
    )
    expect(code).toBe(0)
  })
})

interface Server {
  readonly name: string
  readonly address: string
  readonly url: string
  start(): Promise<ReturnType<typeof start>>
}

async function threeServers() {
  const [one, two, three] = (await ownPorts(3)) as [number, number, number]
  const folder = tempFolder()
  const keys = ['--key', 'users/*', '--key', 'settings', '--nodes-key', 'things/*']
  const server = (name: string, port: number, ...more: readonly string[]): Server => {
    const address = `127.0.0.1:${port}`
    const own = ['--port', String(port), '--advertise', address, '--data', join(folder, name)]
    return {
      ...{ name, address, url: `http://${address}` },
      async start() {
        const process = start(['serve', ...own, '--node-id', name, ...keys, ...more])
        await process.printed(/^listening on /)
        return process
      },
    }
  }
  const hub = server('hub', one)
  const members = ['--leader', hub.address]
  const [a, b] = [server('a', two, ...members), server('b', three, ...members)]
  const addresses = { HUB: hub.address, A: a.address, B: b.address }
  return { hub, a, b, addresses }
}

async function holdsAll({ url }: Server, wanted: ReadonlyMap<string, string>): Promise<boolean> {
  const objects = (await (await fetch(`${url}/users/*`)).json()) as { path: string; data: object }[]
  const held = new Map(objects.map(({ path, data }) => [path, JSON.stringify(data)]))
  return [...wanted].every(([path, body]) => held.get(path) === body)
}

/** With names for addresses, and without figures and the widths that follow from them. */
function masked(text: string, addresses: Readonly<Record<string, string>>): string {
  let shown = text
  for (const [name, address] of Object.entries(addresses)) shown = shown.replaceAll(address, name)
  return shown
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE')
    .replace(/[-+]?\b[\d.]+ (ms|s|min \d+ s)\b/g, 'TIME')
    .replace(/not yet|same (TIME ago|DATE)/g, 'PROOF')
    .replace(/(\S) {2,}/g, '$1  ')
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Shows at the end of the test's time what was wrong last. */
function eventually(check: () => Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 150_000, interval: 100 })
}
