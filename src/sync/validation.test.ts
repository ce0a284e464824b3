import * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { MemoryStore } from '../store/memory/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { type StandardIssue, type StandardSchema, SyncNode, syncNode } from './index.ts'

const paid = z.object({
  cents: z.number().int().positive(),
  items: z.array(z.object({ 'the name': z.string() })).optional(),
})
const pay = (data: unknown) => ({ type: 'Paid', aggregateId: 'o', data }) as never

describe('an event that its schema refuses', () => {
  it.each([
    [{ cents: 'x' }, 'data.cents'],
    [{ cents: 1, items: [{ 'the name': 'tea' }, { 'the name': 5 }] }, 'data.items[1]["the name"]'],
    [null, 'data'],
    [undefined, 'data'],
  ])('is named with index, type, path and what the schema says: %j', async (data, path) => {
    const { node, store } = await open({ Paid: paid })
    const error = await node.append([pay({ cents: 1 }), pay(data)]).catch((caught) => caught)
    expect(error).toMatchObject({
      code: 'invalid_event',
      details: { index: 1, type: 'Paid', path },
    })
    const said = error.details.issues[0] as string
    expect(said).toMatch(/Invalid input: expected/)
    expect(error.message).toBe(`event 1 ("Paid"): ${said}`)
    expect((await store.status()).events).toBe(0n)
  })

  it('is refused by a schema of one’s own, also one that waits', async () => {
    for (const later of [false, true]) {
      const even = ownSchema(
        (value) => ((value as number) % 2 === 0 ? [] : [{ message: 'is odd' }]),
        later,
      )
      const { node, store } = await open({ Counted: even })
      const counted = (data: number) => ({ type: 'Counted', aggregateId: 'c', data }) as never
      await node.append([counted(2)])
      await expect(node.append([counted(4), counted(5)])).rejects.toThrow(
        'event 1 ("Counted"): data: is odd',
      )
      expect((await store.status()).events).toBe(1n)
    }
  })

  it('is refused by a schema of another library, and by one that is a function', async () => {
    const other = v.object({ cents: v.pipe(v.number(), v.minValue(1)) })
    const callable = Object.assign(
      () => {},
      ownSchema(() => [{ message: 'no', path: ['cents'] }]),
    )
    for (const schema of [other, callable]) {
      const { node } = await open({ Paid: schema })
      await expect(node.append([pay({ cents: 0 })])).rejects.toMatchObject({
        code: 'invalid_event',
        details: { path: 'data.cents' },
      })
    }
  })

  it('is told with a few of its issues, when there are many', async () => {
    const issues = Array.from({ length: 8 }, (_, n) => ({ message: `no ${n}`, path: [{ key: n }] }))
    const { node } = await open({ Paid: ownSchema(() => issues) })
    await expect(node.append([pay(1)])).rejects.toThrow(
      'event 0 ("Paid"): data[0]: no 0; data[1]: no 1; data[2]: no 2; data[3]: no 3; data[4]: no 4; and 3 more',
    )
  })

  it('is refused in a decision too', async () => {
    const { node } = await open({ Paid: paid })
    await expect(node.decide('o', () => [pay({})])).rejects.toMatchObject({ code: 'invalid_event' })
  })
})

describe('an event that its schema accepts', () => {
  it('is stored as it was given, not as the schema would have it', async () => {
    const { node } = await open({
      Paid: z.object({ cents: z.coerce.number(), by: z.string().default('card') }),
    })
    await node.append([
      pay({ cents: '7' }),
      { type: 'Paid', aggregateId: 'o', dataText: '{"cents": 1e0}' } as never,
    ])
    const texts = (await Array.fromAsync(node.readAggregate('o'))).map(({ dataText }) => dataText)
    expect(texts).toEqual(['{"cents":"7"}', '{"cents":1e0}'])
  })

  it('is checked as it will be read back', async () => {
    const { node } = await open({ Paid: z.object({ at: z.iso.datetime() }) })
    await node.append([pay({ at: new Date(0) })])
    await expect(node.append([pay({ at: { toJSON: () => 'never' } })])).rejects.toThrow('data.at')
  })

  it('can’t be changed between the check and the store', async () => {
    const gate = Promise.withResolvers<void>()
    const schema = ownSchema(() => [], gate.promise)
    const { node } = await open({ Paid: schema })
    const data = { cents: 1 }
    const appending = node.append([pay(data)])
    data.cents = -1
    gate.resolve()
    await appending
    expect((await Array.fromAsync(node.readAggregate('o')))[0]?.dataText).toBe('{"cents":1}')
  })
})

describe('validation', () => {
  it('leaves event types without a schema alone, unless told to refuse them', async () => {
    const other = { type: 'constructor', aggregateId: 'o', data: 1 } as never
    const { node } = await open({ Paid: paid })
    await node.append([other])
    const strict = new SyncNode({ store: await MemoryStore.open(), unknownTypes: 'refuse' })
    await expect(strict.append([other])).rejects.toThrow(
      '"constructor"): data: its type has no schema here',
    )
  })

  it('does not refuse what is pulled: replicas would differ', async () => {
    const hub = await MemoryStore.open()
    await hub.append([pay('nothing like it')])
    const { node, store } = await open({ Paid: paid }, hub)
    expect(await node.sync()).toMatchObject({ ok: true, pulled: 1 })
    expect((await store.status()).events).toBe(1n)
  })

  it('says which event is no event, as without it', async () => {
    const { node } = await open({ Paid: paid })
    for (const bad of [null, 5, {}, { ...(pay(1) as object), dataText: '1' }])
      await expect(node.append([bad as never])).rejects.toMatchObject({ code: 'invalid_event' })
    const deep = '['.repeat(100_000)
    for (const bad of [{ data: 1n }, { data: () => {} }, { dataText: '{' }, { dataText: deep }])
      await expect(
        node.append([{ type: 'Paid', aggregateId: 'o', ...bad } as never]),
      ).rejects.toMatchObject({ code: 'invalid_event', details: { index: 0 } })
    await expect(node.append('x' as never)).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(node.append([pay({ cents: 1 })], null as never)).rejects.toMatchObject({
      code: 'invalid_argument',
    })
  })

  it('by a schema that fails is an error of its own', async () => {
    const oops = new Error('oops')
    for (const fail of [
      () => {
        throw oops
      },
      () => Promise.reject(oops),
    ]) {
      const schema: StandardSchema = { '~standard': { version: 1, vendor: 'test', validate: fail } }
      const { node } = await open({ Paid: schema })
      await expect(node.append([pay(1)])).rejects.toMatchObject({ code: 'internal', cause: oops })
    }
  })

  it('that waits ends with the append’s signal', async () => {
    const never = new Promise<void>(() => {})
    const { node } = await open({ Paid: ownSchema(() => [], never) })
    const controller = new AbortController()
    const appending = node.append([pay(1)], { signal: controller.signal })
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(appending).rejects.toBe(reason)
  })
})

it('the event types of a node are those of its schemas', async () => {
  const store = await MemoryStore.open()
  const validation = { Paid: paid, Shipped: z.null() }
  const node = new SyncNode({ store, validation })
  expectTypeOf(node).toExtend<SyncNode<{ Paid: { cents: number }; Shipped: null }>>()
  await node.append([{ type: 'Paid', aggregateId: 'o', data: { cents: 5 } }])
  // @ts-expect-error: no such type
  await node.append([{ type: 'Lost', aggregateId: 'o' }])
  // @ts-expect-error: not its data
  await node.append([{ type: 'Paid', aggregateId: 'o', data: { cents: 'x' } }]).catch(() => {})
  for await (const event of node.readAggregate('o')) {
    if (event.type === 'Paid') expectTypeOf(event.data.cents).toEqualTypeOf<number>()
    expectTypeOf(event.type).toEqualTypeOf<'Paid' | 'Shipped'>()
  }

  const other = new SyncNode({ store, validation: { Paid: v.object({ cents: v.number() }) } })
  expectTypeOf(other).toEqualTypeOf<SyncNode<{ Paid: { cents: number } }>>()

  const built = syncNode().validation(validation).store(store).build()
  expectTypeOf(built).toEqualTypeOf(node)
  const untyped = new SyncNode({ store })
  expectTypeOf(untyped).toEqualTypeOf<SyncNode>()
  const typed = syncNode<{ Paid: { cents: number }; Other: string }>()
    .validation({ Paid: paid })
    .store(store)
  expectTypeOf(typed.build()).toEqualTypeOf<SyncNode<{ Paid: { cents: number }; Other: string }>>()
})

async function open(schemas: Readonly<Record<string, StandardSchema>>, hub?: MemoryStore) {
  const store = await MemoryStore.open()
  const remote = hub && { transport: memoryTransport(hub) }
  return { store, node: new SyncNode({ store, ...remote, validation: schemas }) }
}

/** A schema written by hand; `later` makes it answer with a promise. */
function ownSchema(
  issuesOf: (value: unknown) => readonly StandardIssue[],
  later: boolean | Promise<void> = false,
): StandardSchema<number> {
  const answer = (value: unknown) => {
    const issues = issuesOf(value)
    return issues.length === 0 ? { value } : { issues }
  }
  const validate = (value: unknown) =>
    later === false ? answer(value) : Promise.resolve(later).then(() => answer(value))
  return { '~standard': { version: 1, vendor: 'by hand', validate } }
}
