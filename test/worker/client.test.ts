import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { expect, it } from 'vitest'
import { liveServer } from '../../src/client/fixtures/live-server.ts'
import type { report } from './client-in-page.ts'

it('the client for state servers, bundled for browsers, writes and follows without what Node adds', async () => {
  await using server = await liveServer({}, ['secret'])
  // Hidden from the bundle only: the fetch and WebSocket of Node go on using them.
  const hidden = ['process', 'Buffer', 'global', 'require', 'setImmediate', 'clearImmediate']
  const code = `${await bundle()}; return page.report`
  const run = new Function(...hidden, code)() as typeof report
  expect(await run(server.url, 'secret')).toEqual([
    '',
    'a=1',
    'a=12345678901234567890',
    '2',
    '0 refused',
    'bigint',
    'exact',
  ])
}, 60_000)

async function bundle(): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL('./client-in-page.ts', import.meta.url)),
    platform: 'browser',
    // An import that can't be bundled would otherwise become an external one, with a warning.
    onLog: (_, log) => {
      throw new Error(log.message)
    },
  })
  const { output } = await build.generate({ format: 'iife', name: 'page' })
  await build.close()
  expect(output).toHaveLength(1)
  expect(output[0].imports).toEqual([])
  return output[0].code
}
