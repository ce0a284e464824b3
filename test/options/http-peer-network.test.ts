import { createServer, type IncomingHttpHeaders } from 'node:http'
import { afterEach, describe, expect } from 'vitest'
import {
  type HttpNetworkOptions,
  httpPeerNetwork,
  type PeerNetwork,
} from '../../src/cluster/index.ts'
import { LinkedChange } from '../../src/contracts/index.ts'
import { silentLogger } from '../../src/ports/index.ts'
import { MemoryStateStorage } from '../../src/store/memory/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { start } from '../../src/version/index.ts'
import { eventually, type OptionTest, soon, testEachOption } from './each-option.ts'

type Test = OptionTest<HttpNetworkOptions, PeerNetwork>

const silent: typeof fetch = () => new Promise(() => {})
const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

const tests = {
  async token(make) {
    const { address, asked } = await original()
    await made(make, { token: 'secret' }).about(address)
    expect(asked[0]?.headers.authorization).toBe('Bearer secret')
  },

  async address(make) {
    const { address, asked } = await original()
    const local = await storage()
    const written = { path: 'users/1', created: 1n, updated: 0n, dataText: '1', note: '' }
    const change = new LinkedChange(written)
    const { end } = await local.identity()
    await local.commit({ expects: (await local.rows([])).end, changes: [change] })
    await using way = made(make, { address: 'own:1' }).pivot(address, ['users/*'], local)
    const origin = 'one~0123456789abcdef' as never
    await way.push({ origin, changes: [change], cursor: end, expects: start })
    const sent = asked.find(({ method }) => method === 'POST')
    expect(sent?.headers['x-pivot-originator']).toBe('own:1')
  },

  async live(make) {
    await using way = made(make, { live: false }).native('127.0.0.1:9', 'main')
    expect('subscribe' in way).toBe(false)
  },

  async timeout(make) {
    const runtime = handDriven()
    const network = made(make, { timeout: 50, fetch: silent, runtime })
    await failsAfter(50, runtime, network)
  },

  async headersTimeout(make) {
    const runtime = handDriven()
    const network = made(make, { headersTimeout: 50, fetch: silent, runtime })
    await failsAfter(50, runtime, network)
  },

  async fetch(make) {
    const { address } = await original()
    const urls: string[] = []
    const watched: typeof fetch = (input, init) => {
      urls.push(String(input))
      return fetch(input, init)
    }
    await made(make, { fetch: watched }).about(address)
    expect(urls).toEqual([`http://${address}/_pivot/version`])
  },

  async logger(make) {
    const { address } = await original({ shares: false })
    const said: string[] = []
    const logger = { ...silentLogger, warn: (message: string) => void said.push(message) }
    await using way = made(make, { logger }).pivot(address, ['users/*'], await storage())
    await way.pull(start, { count: 10, bytes: 1_000 })
    expect(said).toEqual(['the leader does not share a key'])
  },

  async runtime(make) {
    const runtime = handDriven()
    const network = made(make, { fetch: silent, runtime })
    network.about('127.0.0.1:9').catch(() => {})
    await eventually(() => runtime.pending > 0)
  },
} satisfies Record<keyof HttpNetworkOptions, Test>

describe('an option of the network of a cluster', () =>
  testEachOption<HttpNetworkOptions, PeerNetwork>(tests, {
    section: '`httpPeerNetwork`',
    make: httpPeerNetwork,
  }))

function made(make: (options: HttpNetworkOptions) => PeerNetwork, options: HttpNetworkOptions) {
  const network = make(options)
  opened.push(async () => network.close?.())
  return network
}

async function failsAfter(
  ms: number,
  runtime: ReturnType<typeof handDriven>,
  network: PeerNetwork,
): Promise<void> {
  const answer = network.about('127.0.0.1:9')
  answer.catch(() => {})
  await eventually(() => runtime.pending > 0)
  runtime.pass(ms)
  await expect(soon(answer)).rejects.toMatchObject({ code: 'timeout' })
}

async function storage(): Promise<MemoryStateStorage> {
  const opening = await MemoryStateStorage.open()
  opened.push(() => opening.close())
  return opening
}

interface Asked {
  readonly method: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** A server of the original that holds nothing and takes everything. */
async function original({ shares = true } = {}) {
  const asked: Asked[] = []
  const server = createServer(({ method, headers, url = '' }, response) => {
    asked.push({ method, headers })
    const isVersion = url.endsWith('/version')
    response.statusCode = shares || isVersion ? 200 : 404
    const list = url.includes('/activity/') ? '{"lastEntry":0}' : '[]'
    response.end(isVersion ? '{"protocol":"2.0"}' : list)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as { readonly port: number }
  return { address: `127.0.0.1:${port}`, asked }
}
