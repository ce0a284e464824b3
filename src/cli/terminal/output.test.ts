import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Captured } from '../../../test/e2e/command-io.ts'
import { Output } from './output.ts'

function failing(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
  })
}

describe('output', () => {
  it('goes quiet when its reader has gone', async () => {
    const output = new Output(failing('EPIPE'), {})
    expect(output.gone).toBe(false)
    await output.line('one')
    expect(output.gone).toBe(true)
    await output.line('two')
  })

  it('rejects when it cannot be written for any other reason', async () => {
    const output = new Output(failing('ENOSPC'), {})
    await expect(output.line('one')).rejects.toThrow('ENOSPC')
    await expect(output.line('two')).rejects.toThrow('ENOSPC')
    expect(output.gone).toBe(false)
  })

  it('waits for a slow reader', async () => {
    let release = () => {}
    const slow = new Writable({
      write: (_chunk, _encoding, done) => {
        release = done
      },
    })
    let written = false
    const writing = new Output(slow, {}).line('one').then(() => {
      written = true
    })
    await Promise.resolve()
    expect(written).toBe(false)
    release()
    await writing
  })

  it('keeps the status line below what is written, and takes it away', async () => {
    const terminal = new Captured(80)
    const output = new Output(terminal, {})
    output.status('50 %')
    await output.line('hello')
    output.status('')
    expect(terminal.text).toBe('\r\x1b[2K50 %\r\x1b[2Khello\n50 %\r\x1b[2K')
  })

  it('has no status line and no end of lines where there is no terminal', () => {
    const file = new Captured()
    const output = new Output(file, {})
    output.status('50 %')
    expect(file.text).toBe('')
    expect(output.columns).toBe(undefined)
    expect(new Output(new Captured(80), {}).columns).toBe(80)
  })
})
