import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { serve } from '../../src/server/index.ts'
import { openState, type StateServerOptions, stateServer } from '../../src/state/index.ts'
import { start } from '../e2e/command-process.ts'
import { ownPorts } from '../e2e/own-ports.ts'
import { tempFolder } from '../e2e/temp-folder.ts'
import { run } from './go-program.ts'
import { interopCase, useGoModule } from './interop-case.ts'

const program = useGoModule('ooo')
const seed = Math.floor(Math.random() * 2 ** 31)

interopCase(
  'ooo: the Go program that uses it is formatted and vetted',
  async () => {
    const cwd = fileURLToPath(new URL('../../interop/ooo', import.meta.url))
    expect((await run('gofmt', ['-l', '.'], { cwd })).stdout).toBe('')
    await program.vet()
    return { checks: 2 }
  },
  program,
)

interopCase(
  'ooo T3: all calls of its Go client, and what they read is what others read',
  () => used({}, (host) => ask(['calls', '-host', host])),
  program,
)

interopCase(
  'ooo T3: its Go client follows four writers of its own, patch by patch',
  () => used({ forcePatch: true }, (host) => ask(['follow', '-host', host])),
  program,
)

interopCase(
  'ooo T3: the same past a kill -9 of rejoin serve, with its data on disk and a token',
  async () => {
    const [port] = await ownPorts(1)
    const args = ['serve', '--port', String(port), '--data', tempFolder(), '--token', 'a-token']
    const begin = async () => {
      const server = start(args)
      await server.printed(/^listening on /)
      return server
    }
    const server = await begin()
    const counts = await ask(
      ['follow', '-cut', '-host', `127.0.0.1:${port}`, '-token', 'a-token', '-steps', '60'],
      async () => {
        server.child.kill('SIGKILL')
        expect((await server.ended).signal).toBe('SIGKILL')
        await begin()
      },
    )
    // All but the one who came when it was over.
    expect(counts['of them cut off']).toBeGreaterThanOrEqual(6)
    return counts
  },
  program,
)

async function used(options: StateServerOptions, use: (host: string) => Promise<Counts>) {
  await using tree = await openState()
  await using state = stateServer(tree, options)
  await using server = await serve({ mounts: {}, state, port: 0 })
  return await use(`${server.host}:${server.port}`)
}

/** What it counted: it fails where anything is not as it should be. */
async function ask(args: readonly string[], onHalf?: () => Promise<void>): Promise<Counts> {
  const child = spawn(program.path, [...args, '-seed', String(seed)], { stdio: 'pipe' })
  const complaint = text(child.stderr)
  const ended = once(child, 'close')
  let last = ''
  for await (const line of createInterface(child.stdout)) {
    if (line === 'half') await onHalf?.()
    last = line
  }
  const [code] = await ended
  expect([code, await complaint], `seed ${seed}`).toEqual([0, ''])
  return JSON.parse(last)
}

type Counts = Readonly<Record<string, number>>
