import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemRuntime } from '../runtime/index.ts'
import { type Cursor, cursorOf, parseCursor, start } from './cursor.ts'
import { cursorAt, holds, type Lineage, newMark } from './lineage.ts'
import type { Position } from './position.ts'

const [first, second, third] = ['first', 'second', 'third'].map((name) => name.padEnd(16, '_'))

describe('a new mark', () => {
  it('is 16 characters that a cursor can carry, and never the same twice', () => {
    const marks = Array.from({ length: 1_000 }, () => newMark(systemRuntime))
    for (const mark of marks) {
      const point = { mark, position: 1n as Position, filter: '' }
      expect(parseCursor(cursorOf(point))).toEqual(point)
    }
    expect(new Set(marks).size).toBe(marks.length)
  })

  it('uses six bits of each random byte', () => {
    const drawn = new Set<string>()
    for (let byte = 0; byte < 256; byte++)
      drawn.add(newMark({ randomBytes: (length) => new Uint8Array(length).fill(byte) }))
    expect(drawn.size).toBe(64)
  })
})

describe('a cursor of a log', () => {
  const log = lineage(
    [
      [first, 1],
      [second, 4],
      [third, 5],
    ],
    9,
  )

  it.each([
    [1, first],
    [3, first],
    [4, second],
    [5, third],
    [9, third],
  ])('at %i is under the mark that began there or last before', (position, mark) => {
    expect(parseCursor(cursorAt(log, at(position), 'f'))).toEqual({
      mark,
      position: at(position),
      filter: 'f',
    })
    expect(holds(log, cursorAt(log, at(position)))).toBe(true)
  })

  it('is the start before the first entry, and every log holds the start', () => {
    expect(cursorAt(lineage([], 0), at(0))).toBe(start)
    expect(cursorAt(log, at(0))).toBe(start)
    expect(holds(lineage([], 0), start)).toBe(true)
    expect(holds(log, start)).toBe(true)
  })

  it('is not held under another mark, not even one position away from its own', () => {
    expect(holds(log, point(first, 3))).toBe(true)
    expect(holds(log, point(first, 4))).toBe(false)
    expect(holds(log, point(second, 3))).toBe(false)
    expect(holds(log, point(second, 5))).toBe(false)
    expect(holds(log, point(third, 4))).toBe(false)
    expect(holds(log, point('unknown_________', 4))).toBe(false)
  })

  it('is not held by a log that ends before it, until the log has gone there under the same mark', () => {
    expect(holds(log, point(third, 10))).toBe(false)
    expect(holds(lineage([[third, 5]], 10), point(third, 10))).toBe(true)
    expect(holds(lineage([], 0), point(first, 1))).toBe(false)
    expect(holds(lineage([], 0), point(first, 0))).toBe(false)
  })

  it('is held whatever filter it was scanned with', () => {
    expect(holds(log, cursorAt(log, at(4), 'fingerprint'))).toBe(true)
  })

  it.each(['nonsense', '0', `${first}.1`, `${first}.99999999999999999999.`])(
    'is not held when it is none: %s',
    (text) => {
      expect(holds(log, text as Cursor)).toBe(false)
    },
  )
})

describe('logs that are copied, restored and written to', () => {
  it('hold a cursor exactly when they have the same history up to it (S4)', () => {
    fc.assert(
      fc.property(fc.array(deed(), { maxLength: 60 }), (deeds) => {
        const world = new World()
        for (const { kind, log, other } of deeds) world[kind](log, other)
        for (const { cursor, prefix } of world.issued)
          for (const file of world.files)
            expect(holds(file.lineage(), cursor)).toBe(isPrefix(prefix, file.entries))
      }),
      { numRuns: 500 },
    )
  })
})

/** A log as a file and the session that has it open: what is true, beside what its marks say. */
class LogFile {
  /** Each entry is unlike any other ever written, anywhere. */
  entries: readonly number[] = []
  marks: Lineage['marks'] = []
  /** This session has written, so its mark is there. */
  marked = false

  lineage(): Lineage {
    return { marks: this.marks, end: at(this.entries.length) }
  }

  write(entry: number): void {
    this.entries = [...this.entries, entry]
    if (!this.marked)
      this.marks = [...this.marks, { mark: newMark(systemRuntime), first: this.lineage().end }]
    this.marked = true
  }

  reopen(): void {
    this.marked = false
  }

  become({ entries, marks }: Pick<LogFile, 'entries' | 'marks'>): void {
    this.entries = entries
    this.marks = marks
    this.reopen()
  }
}

class World {
  readonly files: readonly LogFile[] = [new LogFile(), new LogFile(), new LogFile()]
  readonly issued: { cursor: Cursor; prefix: readonly number[] }[] = []
  readonly #backups: Pick<LogFile, 'entries' | 'marks'>[] = []
  #written = 0

  write(log: number): void {
    this.#file(log).write(++this.#written)
  }

  reopen(log: number): void {
    this.#file(log).reopen()
  }

  /** Also of a log that is open and goes on under its mark. */
  copy(from: number, to: number): void {
    if (this.#file(from) !== this.#file(to)) this.#file(to).become(this.#file(from))
  }

  backup(log: number): void {
    const { entries, marks } = this.#file(log)
    this.#backups.push({ entries, marks })
  }

  restore(log: number, backup: number): void {
    const chosen = this.#backups[backup % this.#backups.length]
    if (chosen) this.#file(log).become(chosen)
  }

  /** A crash that takes the last writes along. */
  lose(log: number, count: number): void {
    const file = this.#file(log)
    const entries = file.entries.slice(0, Math.max(0, file.entries.length - (count % 3)))
    file.become({ entries, marks: file.marks.filter((mark) => mark.first <= entries.length) })
  }

  issue(log: number, position: number): void {
    const file = this.#file(log)
    const prefix = file.entries.slice(0, position % (file.entries.length + 1))
    this.issued.push({ cursor: cursorAt(file.lineage(), at(prefix.length)), prefix })
  }

  #file(log: number): LogFile {
    return this.files[log % this.files.length]!
  }
}

function deed() {
  return fc.record({
    kind: fc.oneof(
      { weight: 3, arbitrary: fc.constant('write' as const) },
      { weight: 2, arbitrary: fc.constant('issue' as const) },
      fc.constantFrom(
        'reopen' as const,
        'copy' as const,
        'backup' as const,
        'restore' as const,
        'lose' as const,
      ),
    ),
    log: fc.nat(2),
    other: fc.nat(20),
  })
}

function isPrefix(prefix: readonly number[], entries: readonly number[]): boolean {
  return prefix.every((entry, index) => entries[index] === entry)
}

function at(position: number): Position {
  return BigInt(position) as Position
}

function lineage(marks: readonly (readonly [string | undefined, number])[], end: number): Lineage {
  return { marks: marks.map(([mark = '', from]) => ({ mark, first: at(from) })), end: at(end) }
}

function point(mark: string | undefined, position: number): Cursor {
  return cursorOf({ mark: mark ?? '', position: at(position), filter: '' })
}
