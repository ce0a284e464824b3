import { describe, expect, it } from 'vitest'
import { type Runtime, systemRuntime } from '../../src/runtime/index.ts'
import { MemoryStateStorage } from '../../src/store/memory/index.ts'
import { stateLinkHandler } from '../../src/transport/http/index.ts'
import { exchangesUnder, protocolPage, replay } from './transcript.ts'

const exchanges = exchangesUnder(protocolPage, '## State links')

describe('links of state, as the page shows them', () => {
  it('are answered so, byte for byte', async () => {
    expect(exchanges.length).toBeGreaterThan(8)
    const storage = await MemoryStateStorage.open({ node: 'hub', runtime })
    const hub = stateLinkHandler(storage, { runtime })
    await replay(hub, exchanges, (said, shown, request) => expect(said, request).toBe(shown))
  })
})

/** What is drawn at random and read off a clock is the same in every run. */
let drawn = 0
const runtime: Runtime = {
  ...systemRuntime,
  now: () => Date.UTC(2026, 4, 1, 12),
  randomBytes: (count) => Uint8Array.from({ length: count }, () => (drawn++ * 29 + 11) % 256),
}
