import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const command = fileURLToPath(new URL('../bin/rejoin.mjs', import.meta.url))

it('an older Node gets exactly one line that says what is missing, and exit code 1', async () => {
  const pretendOld =
    "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.20.2' })"
  const outcome = await run(process.execPath, ['--import', pretendOld, command]).catch(
    (error: unknown) => error,
  )
  expect(outcome).toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      'rejoin needs Node 24 or newer; this is Node 20.20.2. Install one from https://nodejs.org\n',
  })
})
