import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { EventStore } from '../../../contracts/index.ts'
import type { EventId, Origin } from '../../../event/index.ts'
import { type Cursor, start } from '../../../version/index.ts'
import type { Check } from './bench.ts'
import { writer } from './elsewhere.ts'
import { append, failureOf, idsIn, note, notes, plenty, snapshotOf } from './reading.ts'

export function cancelling(check: Check): void {
  for (const [name, call] of calls())
    check(
      `${name} with an aborted signal rejects with its reason and changes nothing`,
      async ({ open }) => {
        const store = await open()
        await append(store, note())
        const before = await snapshotOf(store)
        const reason = new Error('enough')
        strictEqual(await failureOf(call(store, AbortSignal.abort(reason))), reason)
        deepStrictEqual(await snapshotOf(store), before)
        await call(store, new AbortController().signal)
      },
    )

  check('an append aborted on its way is stored whole or not at all', async ({ open }) => {
    for (let turns = 0; turns < 12; turns++) {
      const store = await open(`here${turns}`)
      const controller = new AbortController()
      const appended = store.append(notes(3), { signal: controller.signal })
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      controller.abort()
      const [outcome] = await Promise.allSettled([appended])
      const stored = await idsIn(store)
      strictEqual(stored.length, outcome!.status === 'fulfilled' ? 3 : 0)
    }
  })

  check(
    'L4: a batch aborted on its way is stored with its cursor or not at all',
    async ({ open }) => {
      for (let turns = 0; turns < 12; turns++) {
        const store = await open(`here${turns}`)
        const there = writer()
        const controller = new AbortController()
        const cursor = 'AAAAAAAAAAAAAAAA.3.' as Cursor
        const batch = {
          via: there.origin,
          role: 'pulled',
          changes: [there.write()],
          cursor,
        } as const
        const applied = store.apply(batch, controller.signal)
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        controller.abort()
        const [outcome] = await Promise.allSettled([applied])
        const { pulled } = await store.link(there.origin)
        const whole = outcome!.status === 'fulfilled'
        deepStrictEqual([await idsIn(store), pulled], whole ? [['there-1'], cursor] : [[], start])
      }
    },
  )

  check('an abort after the answer harms nothing', async ({ open }) => {
    const store = await open()
    const controller = new AbortController()
    const answer = await store.append(notes(2), { signal: controller.signal })
    controller.abort()
    ok(answer.kind === 'appended')
    strictEqual((await idsIn(store)).length, 2)
  })
}

/** Every method that takes a signal, in a call that does something. */
export function calls(): readonly (readonly [
  string,
  (store: EventStore, signal?: AbortSignal) => Promise<unknown>,
])[] {
  const there = writer()
  const event = there.write()
  const via = there.origin
  const settlement = {
    link: via,
    generation: 0,
    expects: start,
    pushed: start,
    parked: [],
    unparked: [],
  }
  const unknown = 'gone~0123456789abcdef' as Origin
  return [
    ['append', (store, signal) => store.append([note()], { ...(signal && { signal }) })],
    ['entries', (store, signal) => store.entries({}, signal)],
    ['heads', (store, signal) => store.heads('a', signal)],
    ['status', (store, signal) => store.status(signal)],
    ['identity', (store, signal) => store.identity(signal)],
    ['changes', (store, signal) => store.changes(start, plenty, signal)],
    ['fetch', (store, signal) => store.fetch(['x' as EventId], signal)],
    ['apply', (store, signal) => store.apply({ via, role: 'pulled', changes: [event] }, signal)],
    ['link', (store, signal) => store.link(via, signal)],
    ['settle', (store, signal) => store.settle(settlement, signal)],
    ['resetLink', (store, signal) => store.resetLink(via, signal)],
    ['knowledge', (store, signal) => store.knowledge(via, signal)],
    [
      'confirm',
      (store, signal) =>
        store.confirm(
          via,
          unknown,
          { received: start, pulled: start, sequence: 0n, ids: [] },
          signal,
        ),
    ],
    [
      'renewOrigin',
      async (store, signal) => store.renewOrigin((await store.identity()).origin, signal),
    ],
  ]
}
