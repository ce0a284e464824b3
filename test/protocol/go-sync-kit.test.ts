import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { logHandler } from '../../src/transport/http/index.ts'
import { exchangesUnder, protocolPage, replay } from './transcript.ts'

const exchanges = exchangesUnder(protocolPage, "## go-sync-kit's")

describe('go-sync-kit’s protocol, as the page shows it', () => {
  it('is answered so by a hub, byte for byte', async () => {
    expect(exchanges.length).toBeGreaterThan(7)
    const hub = logHandler(await MemoryStore.open({ node: 'hub' }))
    await replay(hub, exchanges, (said, shown, request) => expect(said, request).toBe(shown))
  })
})
