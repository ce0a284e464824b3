import { strictEqual } from 'node:assert/strict'
import type { Check } from './bench.ts'
import { calls } from './cancelling.ts'
import { append, note, notes, refused } from './reading.ts'

export function closing(check: Check): void {
  check('close may be called any number of times, also at once', async ({ open }) => {
    const store = await open()
    await append(store, note())
    await Promise.all([store.close(), store.close(), store[Symbol.asyncDispose]()])
    await store.close()
  })

  check('calls under way when the store closes finish', async ({ open }) => {
    const store = await open()
    const appends = Array.from({ length: 5 }, () => append(store, ...notes(2)))
    const identity = store.identity()
    await store.close()
    strictEqual((await Promise.all(appends)).flat().length, 10)
    await identity
  })

  for (const [name, call] of calls())
    if (name !== 'renewOrigin')
      check(`${name} on a closed store rejects with “closed”`, async ({ open }) => {
        const store = await open()
        await store.close()
        await refused(call(store), 'closed')
      })

  check('renewOrigin on a closed store rejects with “closed”', async ({ open }) => {
    const store = await open()
    const { origin } = await store.identity()
    await store.close()
    await refused(store.renewOrigin(origin), 'closed')
  })

  check('“await using” closes a store', async ({ open }) => {
    const store = await open()
    {
      await using scoped = store
      await append(scoped, note())
    }
    await refused(store.status(), 'closed')
  })
}
