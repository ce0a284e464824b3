import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Origin } from '../../src/event/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SyncNode } from '../../src/sync/index.ts'
import { httpTransport } from '../../src/transport/http/index.ts'
import { webSocketTransport } from '../../src/transport/websocket/index.ts'
import { ranBlocks } from '../doc-blocks.ts'
import { type Installed, installPackage, root } from './install.ts'

const page = readFileSync(join(root, 'docs', 'use-it-in.md'), 'utf8')
const frameworks = ['Express', 'Fastify', 'Hono'] as const
const headers = { authorization: 'Bearer secret' }
let installed: Installed
let server: ChildProcess | undefined

beforeAll(async () => {
  installed = await installPackage()
  writeFileSync(join(installed.project, 'package.json'), '{"type":"module"}')
  for (const name of ['express', 'fastify', 'hono', '@hono/node-server']) {
    const to = join(installed.project, 'node_modules', name)
    mkdirSync(dirname(to), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), to)
  }
}, 120_000)

afterEach(async () => {
  if (server?.kill('SIGKILL')) await once(server, 'exit')
  server = undefined
})

afterAll(() => installed.dispose())

describe.each(frameworks)('a log in %s', (framework) => {
  it('is synced by two laptops, beside the application’s own routes', async () => {
    const url = await start(framework)
    const [one, two] = [await laptop('one', url), await laptop('two', url)]
    const events = Array.from({ length: 3_000 }, (_, n) => ({
      id: `e${n}`,
      type: 'T',
      aggregateId: `a${n % 10}`,
      data: { text: 'é'.repeat(500), n },
    }))
    for (const at of [0, 1_500]) await one.append(events.slice(at, at + 1_500))
    expect(await one.sync()).toMatchObject({ ok: true, pushed: 3_000 })
    expect(await two.sync()).toMatchObject({ ok: true, pulled: 3_000 })
    expect(await texts(two)).toEqual(await texts(one))
    const notes = await fetch(`${url}/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"text":"hello"}',
    })
    expect(await notes.json()).toEqual({ got: { text: 'hello' } })
    await Promise.all([one.close(), two.close()])
  })

  it('is closed to who has no token, and refuses bad input', async () => {
    const url = await start(framework)
    expect((await fetch(`${url}/sync/hello`)).status).toBe(401)
    expect((await fetch(`${url}/sync/nothing`, { headers })).status).toBe(404)
    const post = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } }
    const broken = await fetch(`${url}/sync/hello`, { ...post, body: '{' })
    expect(broken.status).toBe(400)
    const large = await fetch(`${url}/sync/hello`, { ...post, body: ' '.repeat(11 * 1024 * 1024) })
    expect(large.status).toBe(413)
  })
})

it('the page’s WebSockets are served to who has the token, and to no other path', async () => {
  const url = (await start('WebSockets')).replace('http', 'ws')
  const hello = async (options: object) => {
    await using transport = webSocketTransport({ url, ...options })
    return await transport.hello({ origin: 'laptop~00c1d2e3f4a5b6c7' as Origin })
  }
  expect((await hello({ token: 'secret' })).origin).toMatch(/~/)
  await expect(hello({ token: 'wrong' })).rejects.toMatchObject({ code: 'unauthorized' })
  const elsewhere = hello({ token: 'secret', url: `${url}/elsewhere` })
  await expect(elsewhere).rejects.toMatchObject({ code: 'network' })
})

async function laptop(node: string, url: string): Promise<SyncNode> {
  const store = await MemoryStore.open({ node })
  return new SyncNode({ store, transport: httpTransport({ url, headers }) })
}

async function texts(node: SyncNode): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { event } of node.read()) found.push(`${event.id} ${event.dataText}`)
  return found.sort()
}

/** Runs the page's code for that framework, on a free port. */
async function start(framework: string): Promise<string> {
  const code = blockUnder(framework).replace('8080', '0')
  expect(code).not.toBe(blockUnder(framework))
  const tell = `
const tell = () => console.log('port ' + (server.address() as { port: number }).port)
if (server.listening) tell()
else server.once('listening', tell)
`
  const file = join(installed.project, `${framework}.ts`)
  writeFileSync(file, code + tell)
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const child = spawn(process.execPath, [file], { cwd: installed.project, stdio: [...stdio] })
  server = child
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream }))
    if (line.startsWith('port ')) {
      ranBlocks(blockUnder(framework))
      return `http://127.0.0.1:${line.slice(5)}`
    }
  throw new Error(`the server in ${framework} ended before it listened`)
}

function blockUnder(title: string): string {
  const found = new RegExp(`^## ${title}\\n\\n\`\`\`ts\\n([^]*?)^\`\`\``, 'm').exec(page)
  if (found === null) throw new Error(`the page has no code under ${title}`)
  return found[1] as string
}
