import { describe, expect, it } from 'vitest'
import type { ChangePage, Page } from '../contracts/index.ts'
import type { EventId } from '../event/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import type { Cursor } from '../version/index.ts'
import type { Change } from './change.ts'
import { joinedPages } from './joined-pages.ts'

const most = { count: 100, bytes: 1_000 }
const lost = new Error('lost')

describe('pages of a stream', () => {
  it('come one by one, at once, as long as none comes behind', async () => {
    const { pages, send } = streamed()
    for (const n of [1, 2, 3]) {
      const next = pages.next()
      send(page(n, `c${n}`))
      expect((await next).value).toEqual(page(n, `c${n}`))
    }
  })

  it('come as one, with the last cursor, when they are at hand after one was taken in', async () => {
    const { pages, send } = streamed()
    for (let n = 1; n <= 150; n++) send({ ...page(n, `c${n}`), more: n === 101 })
    const taken = [await taking(pages), await taking(pages), await taking(pages)]
    const stretch = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, at) => `c${from + at}`)
    expect(taken.map(idsIn)).toEqual([['c1'], stretch(2, 101), stretch(102, 150)])
    expect(taken.map(({ cursor, more }) => [cursor, more])).toEqual([
      ['1', false],
      ['101', true],
      ['150', false],
    ])
  })

  it('are joined up to the bytes of a batch, and never to more', async () => {
    const { pages, send } = streamed()
    for (let n = 1; n <= 8; n++) send(page(n, change(`c${n}`, 400)))
    expect(idsIn(await taking(pages))).toEqual(['c1'])
    expect(idsIn(await taking(pages))).toEqual(['c2', 'c3'])
    send(page(9, change('large', 5_000)))
    expect(idsIn(await taking(pages))).toEqual(['c4', 'c5'])
    expect(idsIn(await taking(pages))).toEqual(['c6', 'c7'])
    expect(idsIn(await taking(pages))).toEqual(['c8'])
    expect(idsIn(await taking(pages))).toEqual(['large'])
  })

  it('stand alone when they say more than changes, or have a change once more', async () => {
    const { pages, send } = streamed()
    const parked = { id: 'x' as EventId, reason: 'unreadable', message: 'no' } as const
    const sent: readonly Page<Change>[] = [
      page(1, 'a'),
      { ...page(2, 'b'), unreadable: [parked] },
      page(3, 'c'),
      page(4, 'c'),
      { ...page(5, 'd'), orphans: 'adopt' },
    ]
    for (const one of sent) send(one)
    for (const one of sent) expect(await taking(pages)).toEqual(one)
  })

  it('that came before a reset, or before the stream was lost, come before that', async () => {
    const { pages, send, fail } = streamed()
    for (const n of [1, 2, 3]) send(page(n, `c${n}`))
    send({ kind: 'reset' })
    expect(idsIn(await taking(pages))).toEqual(['c1'])
    expect(idsIn(await taking(pages))).toEqual(['c2', 'c3'])
    expect((await pages.next()).value).toEqual({ kind: 'reset' })
    for (const n of [4, 5]) send(page(n, `c${n}`))
    fail(lost)
    await turn()
    expect(idsIn(await taking(pages))).toEqual(['c4', 'c5'])
    await expect(pages.next()).rejects.toBe(lost)
  })

  it('end with the stream, and whoever takes no more waits for none', async () => {
    const ending = streamed()
    ending.end()
    expect((await ending.pages.next()).done).toBe(true)
    const { pages, send } = streamed()
    send(page(1, 'a'))
    await taking(pages)
    // Nothing comes any more.
    expect((await pages.return()).done).toBe(true)
  })
})

/** A stream that sends what it is told to. */
function streamed() {
  const queue: (() => Promise<ChangePage<Change> | undefined>)[] = []
  let wake = Promise.withResolvers<void>()
  const add = (one: () => Promise<ChangePage<Change> | undefined>) => {
    queue.push(one)
    wake.resolve()
  }
  async function* stream(): AsyncGenerator<ChangePage<Change>, void> {
    for (;;) {
      const next = queue.shift()
      if (next === undefined) {
        await wake.promise
        wake = Promise.withResolvers()
        continue
      }
      const one = await next()
      if (one === undefined) return
      yield one
    }
  }
  return {
    pages: joinedPages(stream(), { most, runtime: systemRuntime }),
    send: (one: ChangePage<Change>) => add(async () => one),
    fail: (error: Error) => add(() => Promise.reject(error)),
    end: () => add(async () => undefined),
  }
}

/** The next page; taking it in takes a turn of the loop. */
async function taking(pages: AsyncIterator<ChangePage<Change>, void>): Promise<Page<Change>> {
  const { value } = await pages.next()
  await turn()
  return value as Page<Change>
}

function turn(): Promise<void> {
  return new Promise((resolve) => systemRuntime.soon(resolve))
}

function page(cursor: number, ...changes: readonly (string | Change)[]): Page<Change> {
  const given = changes.map((one) => (typeof one === 'string' ? change(one) : one))
  return { kind: 'page', changes: given, cursor: String(cursor) as Cursor, more: false }
}

function change(id: string, size = 1): Change {
  return { id: id as EventId, parents: [], size }
}

function idsIn({ changes }: Page<Change>): readonly string[] {
  return changes.map(({ id }) => id)
}
