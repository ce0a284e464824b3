import { expect, it } from 'vitest'
import { machine, sync, write } from '../../../test/fleet.ts'
import { memoryTransport } from '../../transport/memory/index.ts'
import { start } from '../../version/index.ts'
import type { ProgressState } from '../terminal/progress.ts'
import { watchedTransport } from './watched-transport.ts'

it('tells how far a sync has come, and of a later one from its own beginning', async () => {
  const { laptop, hub, shown, transport } = await watched()
  await write(laptop, 'a', 'l1', 'l2')
  await write(hub, 'b', 'h1', 'h2', 'h3', 'h4')
  await sync(laptop, hub, { transport, batch: { count: 1 } })
  expect(shown.at(-1)).toMatchObject({ note: 'sent 2, read 6' })
  const shares = shown.map(({ done, total = 0 }) => (total === 0 ? 0 : done / total))
  expect(shares.toSorted((one, other) => one - other)).toEqual(shares)
  expect(shares.some((share) => share > 0 && share < 1)).toBe(true)

  await write(hub, 'b', 'h5', 'h6')
  const before = shown.length
  await sync(laptop, hub, { transport, batch: { count: 1 } })
  expect(shown[before + 1]).toMatchObject({ done: 0, total: 2 })
  expect(shown.at(-1)).toMatchObject({ done: 2, total: 2, note: 'sent 0, read 2' })
})

it('lets a stream through, where there is one', async () => {
  const { laptop, hub, transport, shown } = await watched()
  await write(hub, 'b', 'h1')
  const want = { count: 10, bytes: 1_000 }
  for await (const page of transport.subscribe?.(start, want, new AbortController().signal) ?? []) {
    expect(page).toMatchObject({ changes: [{ id: 'h1' }] })
    break
  }
  expect(shown).toEqual([])
  const { subscribe: _, ...deaf } = memoryTransport(hub.store)
  const watch = { push: true, pull: true, show: () => {} }
  expect(watchedTransport(deaf, laptop.store, watch)).not.toHaveProperty('subscribe')
})

async function watched() {
  const [laptop, hub] = [await machine('laptop'), await machine('hub')]
  const shown: ProgressState[] = []
  const transport = watchedTransport(memoryTransport(hub.store), laptop.store, {
    push: true,
    pull: true,
    show: (state) => void shown.push(state),
  })
  return { laptop, hub, shown, transport }
}
