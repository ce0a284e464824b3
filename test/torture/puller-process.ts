// Pulls from the address in its argument in a process of its own; tells its memory before and after, and the
// code of the error it got.
import type { RejoinError } from '../../src/errors/index.ts'
import { httpTransport } from '../../src/transport/http/index.ts'
import { start } from '../../src/version/index.ts'
import { memory } from './memory.ts'

const want = { count: 1000, bytes: 1024 * 1024 }
const url = process.argv[2] as string
// Once against nobody, so that the code is loaded before it is measured.
await httpTransport({ url: 'http://127.0.0.1:1' })
  .pull(start, want)
  .catch(() => {})
const before = memory()
const code = await httpTransport({ url, compress: true })
  .pull(start, want)
  .then(
    () => 'none',
    (error: RejoinError) => error.code,
  )
process.send?.({ before, after: memory(), code })
