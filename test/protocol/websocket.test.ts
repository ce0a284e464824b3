import { expect, it, vi } from 'vitest'
import { type Runtime, systemRuntime } from '../../src/runtime/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { HandSocket, say } from '../../src/transport/fixtures/hand-socket.ts'
import { logSockets } from '../../src/transport/websocket/index.ts'
import { type Kind, kinds } from '../../src/transport/websocket/wire.ts'
import { ranBlocks } from '../doc-blocks.ts'
import { protocolPage } from './transcript.ts'

it('a connection goes as the page shows it, byte for byte', async () => {
  const lines = transcript()
  expect(lines.length).toBeGreaterThan(10)
  const log = await MemoryStore.open({ node: 'hub', runtime })
  const socket = new HandSocket()
  const connection = logSockets(log, { runtime }).accept(socket)
  let heard = 0
  for (const line of lines) {
    const [, direction, kind, id, body = ''] = /^([<>]) (\w+) (\d+) ?([\s\S]*)$/.exec(line) ?? []
    if (direction === '>') {
      say(connection, kind as Kind, Number(id), body)
      continue
    }
    await vi.waitFor(() => expect(socket.sent.length).toBeGreaterThan(heard))
    const { kind: said, id: call, body: bytes } = socket.sent[heard++] ?? { body: undefined }
    expect(`< ${said} ${call} ${new TextDecoder().decode(bytes)}`.trim()).toBe(line.trim())
  }
  expect(socket.sent).toHaveLength(heard)
  ranBlocks(block())
})

it('the page lists every kind of message with its byte', () => {
  const listed = new Map<string, number>()
  for (const [, names = '', bytes = ''] of section().matchAll(/^\| (`.+`) \| ([\d, ]+) \|/gm)) {
    const numbers = bytes.split(', ').map(Number)
    for (const [at, [, name = '']] of [...names.matchAll(/`(\w+)`/g)].entries())
      listed.set(name, numbers[at] ?? -1)
  }
  expect(Object.fromEntries(listed)).toEqual(kinds)
})

/** One message each; a page's further lines are indented. */
function transcript(): readonly string[] {
  const lines: string[] = []
  for (const line of block().trimEnd().split('\n'))
    if (line.startsWith('  ')) lines.push(`${lines.pop()}${line.slice(2)}\n`)
    else lines.push(line.includes('{"id"') ? `${line}\n` : line)
  return lines.map((line) =>
    / (push|page) /.test(line) && !line.endsWith('\n') ? `${line}\n` : line,
  )
}

function block(): string {
  return /```text\n([\s\S]*?)```/.exec(section())?.[1] ?? ''
}

function section(): string {
  const from = protocolPage.indexOf('## WebSocket')
  return protocolPage.slice(from, protocolPage.indexOf("## go-sync-kit's"))
}

/** What is drawn at random and read off a clock is the same in every run. */
let drawn = 0
const runtime: Runtime = {
  ...systemRuntime,
  now: () => Date.UTC(2026, 4, 1, 12),
  randomBytes: (count) => Uint8Array.from({ length: count }, () => (drawn++ * 29 + 11) % 256),
}
