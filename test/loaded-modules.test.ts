import { describe, expect, it } from 'vitest'
import { runHere } from './e2e/command-io.ts'
import { rejoin } from './e2e/command-process.ts'
import { tempFolder } from './e2e/temp-folder.ts'

/** What a command may load, which is most of what its start costs: about 0.4 ms of a processor for each module. */
const bounds: readonly {
  readonly line: string
  readonly modules: number
  /** Never any of these. */
  readonly without: RegExp
  readonly reason: string
}[] = [
  {
    line: '--version',
    modules: 20,
    without: rooms('store', 'client', 'transport', 'runtime'),
    reason: 'it reads package.json',
  },
  {
    line: '--help',
    modules: 20,
    without: rooms('store', 'client', 'transport', 'runtime'),
    reason: 'the summaries are data, apart from the commands',
  },
  {
    line: 'cluster --help',
    modules: 55,
    without: rooms('client', 'transport', 'cluster', 'zod'),
    reason: 'what asks the server is loaded once there is one to ask',
  },
  {
    line: 'status --help',
    modules: 80,
    without: rooms('store', 'sqlite'),
    reason: 'the engine is loaded once there is a file to open',
  },
  {
    line: 'status --store notes.db',
    modules: 185,
    without: rooms('transport', 'server', 'state', 'conflict', 'zod', 'yaml', 'ws'),
    reason: 'it reads one log, and asks nobody',
  },
]

describe.each(bounds)('rejoin $line', ({ line, modules, without }) => {
  it(`loads at most ${modules} modules`, async () => {
    const cwd = tempFolder()
    const stdin = '{"type":"NoteWritten","aggregateId":"note-1","data":1}\n'
    expect((await runHere(['append', '--store', `${cwd}/notes.db`], { stdin })).code).toBe(0)
    const { code, stdout, stderr } = await rejoin(line.split(' '), {
      cwd,
      node: ['--import', telling],
    })
    expect({ code, says: stdout !== '' }).toEqual({ code: 0, says: true })
    const loaded = stderr.trim().split('\n')
    expect(loaded).toContainEqual(expect.stringMatching(/cli\/run\.[jt]s$/))
    expect(loaded.filter((url) => without.test(url))).toEqual([])
    expect(loaded.length).toBeLessThanOrEqual(modules)
  })
})

/** In rooms of ours, or packages, of these names. */
function rooms(...names: readonly string[]): RegExp {
  return new RegExp(`/(?:src|dist|node_modules)/(?:${names.join('|')})/`)
}

/** Makes a process say on standard error which modules it loads, but for those of Node. */
const telling = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  import { writeSync } from 'node:fs'
  registerHooks({
    load(url, context, next) {
      if (!url.startsWith('node:')) writeSync(2, url + '\\n')
      return next(url, context)
    },
  })
`)}`
