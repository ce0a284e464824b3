import { describe, expect } from 'vitest'
import type { LinkedChange, Transport } from '../../src/contracts/index.ts'
import { type StateLinkTransportOptions, stateLinkTransport } from '../../src/state/index.ts'
import { testRuntime } from '../../src/testing/acceptance/event-store/test-runtime.ts'
import { put, write } from '../../src/testing/acceptance/state-storage/changes.ts'
import { stateKind } from '../../src/testing/acceptance/transport/state-kind.ts'
import { stateLinkHandler } from '../../src/transport/http/index.ts'
import { start } from '../../src/version/index.ts'
import { type OptionTest, testEachOption } from './each-option.ts'
import { type AskedFetch, callTests, everything, fetchOf, mine, url } from './http-calls.ts'

type Test = OptionTest<StateLinkTransportOptions, Transport<LinkedChange>>

const tests = {
  ...callTests<LinkedChange>({
    server: (objects) => server('main', objects),
    async batch() {
      const changes = [stateKind.writer().write()]
      return { ...mine, changes, cursor: start, expects: start }
    },
    first: { path: 'a/0' },
  }),

  async name(make) {
    const { fetch } = await server('things')
    await using transport = make({ url, fetch, name: 'things' })
    expect(await transport.hello(mine)).toMatchObject({ node: 'hub' })
  },

  async limits(make) {
    const { fetch } = await server('main', 1)
    await using transport = make({ url, fetch, limits: { change: { dataBytes: 3 } } })
    await expect(transport.pull(start, everything)).rejects.toMatchObject({ code: 'invalid_event' })
  },
} satisfies Record<keyof StateLinkTransportOptions, Test>

describe('an option of the transport to a storage of state', () =>
  testEachOption<StateLinkTransportOptions, Transport<LinkedChange>>(tests, {
    section: '`stateLinkTransport`',
    make: stateLinkTransport,
  }))

async function server(name = 'main', objects = 0): Promise<AskedFetch> {
  const storage = await stateKind.open(testRuntime())
  for (let at = 0; at < objects; at++) await put(storage, write(`a/${at}`, BigInt(at + 1)))
  return fetchOf(stateLinkHandler(storage, { name }))
}
