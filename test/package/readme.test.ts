import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ranBlocks } from '../doc-blocks.ts'
import { type Installed, installPackage, root } from './install.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const bin = join(root, 'bin', 'rejoin.mjs')
let installed: Installed
let server: ChildProcess
let url: string

beforeAll(async () => {
  installed = await installPackage()
  writeFileSync(join(installed.project, 'package.json'), '{"type":"module"}')
  server = spawn(process.execPath, [bin, 'serve', '--port', '0'], {
    cwd: installed.project,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  url = await listeningUrl(server)
}, 120_000)

afterAll(async () => {
  server.kill('SIGTERM')
  if (server.exitCode === null) await once(server, 'exit')
  installed.dispose()
})

describe('the readme', () => {
  it('gives commands that bring the same history to another machine', () => {
    const commands = blocks('sh').filter((block) => block.includes('--store'))
    expect(commands).toHaveLength(2)
    const printed = commands.map((block) => {
      const script = here(block).replaceAll(
        'npm run --silent rejoin --',
        `"${process.execPath}" "${bin}"`,
      )
      return execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
        cwd: installed.project,
        encoding: 'utf8',
      })
    })
    expect(printed[1]).toContain('NoteWritten')
    expect(printed[1]).toContain('hello')
    ranBlocks(...commands)
  })

  it('shows code that runs against a served log', () => {
    const [client] = blocks('ts')
    expect(run('client.ts', here(client as string))).toBe('hello\n')
    ranBlocks(client as string)
  })

  it('shows a server that runs', () => {
    const [, block] = blocks('ts')
    const code = (block as string).replace('port: 8080', 'port: 0')
    const end = 'console.log(server.port > 0)\nawait server.close()\nawait store.close()\n'
    expect(run('server.ts', code + end)).toBe('true\n')
    ranBlocks(block as string)
  })

  it('shows a device that syncs its part', () => {
    const [, , block] = blocks('ts')
    const code = here(block as string)
    const end = 'console.log((await phone.sync()).ok)\nawait phone.close()\n'
    expect(run('phone.ts', code + end)).toBe('true\n')
    ranBlocks(block as string)
  })

  it('shows state that is observed', () => {
    const [, , , block] = blocks('ts')
    expect(run('state.ts', block as string)).toMatch(/^\[ 'users\/[0-9a-f]{16}' \]\n$/)
    ranBlocks(block as string)
  })

  it('shows a member of a cluster', () => {
    const [, , , , block] = blocks('ts')
    const code = (block as string).replace("'hub:8080'", "'127.0.0.1:9'").replace('8081', '0')
    const end = `console.log(leaderReachable, pendingWrites)
for (const one of [cluster, server, state]) await one.close()\n`
    expect(run('cluster.ts', code + end)).toBe('false 1\n')
    ranBlocks(block as string)
  })

  it('names scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const named = [...readme.matchAll(/npm run (?:--silent )?([a-z]+)/g)].map((found) => found[1])
    expect(named.length).toBeGreaterThan(5)
    for (const name of named) expect(scripts).toHaveProperty(name as string)
  })
})

function blocks(language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(
    (found) => found[1] as string,
  )
}

function here(text: string): string {
  return text.replaceAll('http://127.0.0.1:8080', url)
}

function run(file: string, code: string): string {
  writeFileSync(join(installed.project, file), code)
  const { stdout, stderr } = spawnSync(process.execPath, [file], {
    cwd: installed.project,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  return stdout
}

async function listeningUrl(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const found = /listening on (http:\S+)/.exec(line)
    if (found !== null) return found[1] as string
  }
  throw new Error('the server ended before it listened')
}
