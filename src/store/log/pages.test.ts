import { expect, it } from 'vitest'
import { writer } from '../../testing/acceptance/event-store/elsewhere.ts'
import { start } from '../../version/index.ts'
import { MemoryStore } from '../memory/index.ts'

it('S5: a feed that leaves nearly everything out looks at a bounded stretch for each page', async () => {
  const store = await MemoryStore.open()
  const there = writer()
  const via = there.origin
  for (let batch = 0; batch < 51; batch++) {
    const changes = Array.from({ length: 1_000 }, (_, n) =>
      there.write({ aggregateId: `a${batch}-${n}` }),
    )
    await store.apply({ via, role: 'pulled', changes })
  }
  await store.append([{ id: 'own', type: 'noted', aggregateId: 'a' }])
  const want = { count: 10, bytes: 1_000, notVia: via }
  const first = await store.changes(start, want)
  if (first.kind !== 'page') throw new Error('reset')
  expect(first).toMatchObject({ changes: [], more: true })
  expect(first.cursor).not.toBe(start)
  const second = await store.changes(first.cursor, want)
  expect(second).toMatchObject({ changes: [{ id: 'own' }], more: false })
})
