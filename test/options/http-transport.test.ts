import { describe, expect } from 'vitest'
import type { Transport } from '../../src/contracts/index.ts'
import type { LogEvent } from '../../src/event/index.ts'
import { hubOf } from '../../src/transport/fixtures/hub.ts'
import { logOf, pushOf } from '../../src/transport/fixtures/logs.ts'
import {
  type HttpTransportOptions,
  httpTransport,
  type LogHandlerOptions,
} from '../../src/transport/http/index.ts'
import { start } from '../../src/version/index.ts'
import { type OptionTest, testEachOption } from './each-option.ts'
import { type AskedFetch, callTests, everything, fetchOf, mine, url } from './http-calls.ts'

type Test = OptionTest<HttpTransportOptions, Transport<LogEvent>>

const tests = {
  ...callTests<LogEvent>({
    server: (events) => server({}, events),
    batch: async () => pushOf(await logOf('laptop', 1)),
    first: { id: 'e0' },
  }),

  async limits(make) {
    const { fetch } = await server({}, 50)
    await using transport = make({ url, fetch, limits: { unpackedBytes: 1_000 } })
    await expect(transport.pull(start, everything)).rejects.toMatchObject({ code: 'too_large' })
  },

  async protocol(make) {
    const { fetch, asked } = await server()
    await using transport = make({ url, fetch, protocol: 'compat' })
    await transport.hello(mine)
    expect(asked.map(pathOf)).not.toContain('/sync/hello')
  },

  async versions(make) {
    const versions = {
      parse: (version: string) => (/^v\d+$/.test(version) ? BigInt(version.slice(1)) : undefined),
      format: (position: bigint) => `v${position}`,
    }
    const { fetch } = await server({ compat: { versions } }, 3)
    await using transport = make({ url, fetch, protocol: 'compat', versions })
    await transport.hello(mine)
    const page = await transport.pull(start, everything)
    expect(page).toMatchObject({
      kind: 'page',
      changes: [{ id: 'e0' }, { id: 'e1' }, { id: 'e2' }],
    })
  },
} satisfies Record<keyof HttpTransportOptions, Test>

describe('an option of the transport over HTTP', () =>
  testEachOption<HttpTransportOptions, Transport<LogEvent>>(tests, {
    section: '`httpTransport`',
    make: httpTransport,
  }))

async function server(options: LogHandlerOptions = {}, events = 0): Promise<AskedFetch> {
  return fetchOf((await hubOf(events, options)).handler)
}

function pathOf(request: Request): string {
  return new URL(request.url).pathname
}
