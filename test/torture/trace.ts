import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What a process did that bears on durability, in the order of time. */
export type Step =
  | { readonly kind: 'write' | 'flush'; readonly file: string }
  | { readonly kind: 'said'; readonly line: string }

/** How to run a program so that `readTrace` can tell what it did. */
export function tracedTo(file: string): readonly string[] {
  return [strace, '-f', '-y', '-qq', '-s', '64', '-e', `trace=${calls}`, '-o', file]
}

export function canTrace(): boolean {
  return spawnSync(strace, ['-f', '-qq', '-o', '/dev/null', 'true']).status === 0
}

/**
 * A write counts from its beginning, a flush from its end. A line that is not understood throws, lest a
 * call that matters is overlooked.
 */
export function readTrace(file: string): readonly Step[] {
  const begun = new Map<string, Call>()
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
      if (/^(\+\+\+|---)/.test(text)) return []
      const resumed = /^<\.\.\. (\w+) resumed>/.exec(text)
      const call = resumed ? begun.get(thread) : callIn(text)
      if (call === undefined) throw new Error(`strace says what is not understood: ${line}`)
      const isBegun = text.endsWith('<unfinished ...>')
      begun.set(thread, call)
      return stepOf(call, { begins: !resumed, ends: !isBegun })
    })
}

interface Call {
  readonly name: string
  readonly fd: number
  readonly file: string
  readonly bytes: string
}

const strace = 'strace'
const calls = 'write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,sync_file_range,msync'

// pwrite64(21</tmp/a.db-wal>, "7\177"..., 32, 0) = 32
function callIn(text: string): Call | undefined {
  const found = /^(\w+)\((?:(\d+)(?:<(.*?)>)?)?(?:, \[?(?:\{iov_base=)?"((?:[^"\\]|\\.)*)")?/.exec(
    text,
  )
  if (found === null) return undefined
  const [, name = '', fd = '-1', file = '', bytes = ''] = found
  return { name, fd: Number(fd), file, bytes }
}

function stepOf(call: Call, { begins, ends }: { begins: boolean; ends: boolean }): readonly Step[] {
  const { name, fd, file, bytes } = call
  if (name === 'fsync' || name === 'fdatasync') return ends ? [{ kind: 'flush', file }] : []
  if (!begins) return []
  if (fd === 1) return [{ kind: 'said', line: bytes.replace(/\\n$/, '') }]
  return name.includes('write') ? [{ kind: 'write', file }] : []
}
