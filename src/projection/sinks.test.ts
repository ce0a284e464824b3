import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../test/property.ts'
import type { ProjectionSink, SinkEntry, SinkRange } from '../contracts/index.ts'
import { SqliteStore } from '../store/sqlite/index.ts'
import { memorySink } from './index.ts'

const key = fc.constantFrom('', 'a', 'a\n', 'a\nb', 'ab', 'b', 'z', '\uffee', '😀', '😁', 'é')
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })
const ranges = fc.record({
  after: optional(key),
  before: optional(key),
  limit: fc.integer({ min: 1, max: 5 }),
  reverse: fc.boolean(),
})
const write = fc.record({
  space: fc.constantFrom('one', 'other'),
  key,
  value: fc.option(fc.constantFrom('1', '2', '"☂"')),
})
const commits = fc.array(
  fc.record({ writes: fc.array(write, { maxLength: 6 }), ranges: fc.array(ranges) }),
)

describe.each([
  ['in memory', async () => memorySink()],
  ['in the file of a log', async () => (await SqliteStore.open({ path: ':memory:' })).projections],
])('a sink %s', (_, open) => {
  it('keeps entries as a map does, and lists them by code points', () =>
    property(commits, async (steps) => {
      const sink = await open()
      const model = new Map<string, string>()
      let head: string | undefined
      for (const { writes, ranges } of steps) {
        const next = `${Number(head ?? 0) + 1}`
        expect(await sink.commit({ name: 'n', expects: head, head: next, writes })).toBe(true)
        head = next
        for (const { space, key, value } of writes)
          if (value === null) model.delete(`${space} ${key}`)
          else model.set(`${space} ${key}`, value)
        for (const range of ranges) await expectListed(sink, model, given(range))
        expect(await sink.get('n', 'one', ['a', 'no', 'z'])).toEqual(
          ['a', 'no', 'z'].map((one) => model.get(`one ${one}`)),
        )
      }
    }))

  it('L4: refuses a commit when its head has moved, and writes nothing', async () => {
    const sink = await open()
    const writes = [{ space: 's', key: 'k', value: '1' }]
    expect(await sink.head('n')).toBeUndefined()
    expect(await sink.commit({ name: 'n', expects: 'other', head: 'x', writes })).toBe(false)
    expect(await sink.commit({ name: 'n', expects: undefined, head: '1', writes })).toBe(true)
    const twice = {
      name: 'n',
      expects: undefined,
      head: '2',
      writes: [{ ...writes[0]!, value: '2' }],
    }
    expect(await sink.commit(twice)).toBe(false)
    expect(await sink.get('n', 's', ['k'])).toEqual(['1'])
    expect(await sink.head('n')).toBe('1')
    // Another name is another world.
    expect(await sink.get('m', 's', ['k'])).toEqual([undefined])
    expect(await sink.list('m', 's', { limit: 1 })).toEqual([])
  })
})

async function expectListed(
  sink: ProjectionSink,
  model: ReadonlyMap<string, string>,
  range: SinkRange,
): Promise<void> {
  const { after, before, limit, reverse } = range
  const bytes = (text: string) => Buffer.from(text)
  const entries = [...model]
    .filter(([id]) => id.startsWith('one '))
    .map(([id, value]): SinkEntry => ({ key: id.slice(4), value }))
    .filter(({ key }) => after === undefined || Buffer.compare(bytes(key), bytes(after)) > 0)
    .filter(({ key }) => before === undefined || Buffer.compare(bytes(key), bytes(before)) < 0)
    .sort((a, b) => Buffer.compare(bytes(a.key), bytes(b.key)))
  if (reverse) entries.reverse()
  const found = await sink.list('n', 'one', range)
  expect(found.map(({ key, value }) => ({ key, value }))).toEqual(entries.slice(0, limit))
}

function given(range: object): SinkRange {
  return Object.fromEntries(
    Object.entries(range).filter(([, value]) => value !== undefined),
  ) as unknown as SinkRange
}
