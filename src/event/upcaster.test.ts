import { describe, expect, expectTypeOf, it } from 'vitest'
import { writer } from '../testing/acceptance/event-store/elsewhere.ts'
import { currentEvent, encodeFrame, LogEvent, stubOf, type Upcasters, upcasterOf } from './index.ts'

const where = { operation: 'test', component: 'event' }
type V1 = { text: string }
type V2 = { lines: string[] }
type V3 = { lines: string[]; author: string }
const steps = [
  (one: V1): V2 => ({ lines: one.text.split('\n') }),
  (two: V2, event: LogEvent): V3 => ({ ...two, author: String(event.metadata.by ?? 'unknown') }),
] as const
const upcaster = upcasterOf({ Noted: steps }, where)
const noted = (schemaVersion: number, data: unknown, type = 'Noted') =>
  new LogEvent({ ...writer().write(), type, schemaVersion, dataText: JSON.stringify(data) })

describe('an event of an older schema version', () => {
  it('is read through every step from its own version on', () => {
    const current = { type: 'Noted', data: { lines: ['a', 'b'], author: 'unknown' } }
    for (const [version, data] of [
      [1, { text: 'a\nb' }],
      [2, { lines: ['a', 'b'] }],
      [3, current.data],
    ] as const)
      expect(upcaster.upcast(noted(version, data))).toEqual({ ...current, schemaVersion: 3 })
  })

  it('stays as it was written, in memory and in its frame, whatever a step does to its data', () => {
    const event = noted(1, { text: 'a' })
    const frame = encodeFrame(event)
    const spoiling = (data: V1) => Object.assign(data, { text: 'b' })
    const { upcast } = upcasterOf({ Noted: [spoiling] }, where)
    const current = currentEvent(event, upcast, 2)
    expect(current.data).toEqual({ text: 'b' })
    expect(event.data).toEqual({ text: 'a' })
    expect(encodeFrame(current)).toBe(frame)
    expect(JSON.stringify(current)).toBe(JSON.stringify(event))
    expect(current.schemaVersion).toBe(1)
  })

  it('is upcast once, however often its data is asked for', () => {
    let calls = 0
    const counted = (data: unknown) => {
      calls++
      return data
    }
    const { upcast } = upcasterOf({ Noted: [counted] }, where)
    const current = currentEvent(noted(1, {}), upcast, 2)
    expect(current.data).toBe(current.data)
    expect(calls).toBe(1)
  })

  it.each([
    [() => undefined, /answered nothing/],
    [() => Promise.resolve({}), /answered a promise/],
    [
      () => {
        throw new Error('no text')
      },
      /no text/,
    ],
  ])('names event and version when a step fails', (step, words) => {
    const { upcast } = upcasterOf({ Noted: [step] }, where)
    const event = noted(1, {})
    expect(() => upcast(event)).toThrow(words)
    expect(() => upcast(event)).toThrow(`"Noted" from version 1 failed on event ${event.id}`)
    expect(() => upcast(event)).toThrow(expect.objectContaining({ code: 'internal' }))
  })
})

describe('what upcasters leave alone', () => {
  it('is newer beyond the current version, also for a type without upcasters', () => {
    expect(upcaster.upcast(noted(4, {}))).toBe('newer')
    expect(upcaster.upcast(noted(2, {}, 'Other'))).toBe('newer')
    expect(upcaster.upcast(noted(1, 5, 'Other'))).toMatchObject({ data: 5, schemaVersion: 1 })
    expect(currentEvent(noted(4, {}), upcaster.upcast, 3).newer).toBe(true)
    expect(currentEvent(noted(1, {}), upcaster.upcast, 3).newer).toBe(false)
  })

  it('are names that every object has', () => {
    expect(upcaster.current('constructor')).toBe(1)
  })

  it('are stubs, and events of the current version, which stay the very same', () => {
    const stub = stubOf(noted(1, {}))
    const event = noted(3, {})
    expect(currentEvent(stub, upcaster.upcast, 3)).toBe(stub)
    expect(upcaster.upcast(stubOf(noted(9, {})))).not.toBe('newer')
    expect(currentEvent(event, upcaster.upcast, 3)).toBe(event)
  })
})

describe('upcasters', () => {
  it('are a list of functions for each type, without a hole', () => {
    const of = (given: unknown) => () => upcasterOf(given as never, where)
    expect(of({ Noted: { 0: () => 1 } })).toThrow(/upcasters\["Noted"\].*a list/)
    // biome-ignore lint/suspicious/noSparseArray: what is refused
    expect(of({ Noted: [, () => 1] })).toThrow(/upcasters\["Noted"\]\[0\], from version 1 to 2/)
    expect(of({ Noted: [() => 1, 'x'] })).toThrow(/\[1\], from version 2 to 3/)
    expect(of([])).toThrow(/upcasters/)
    expect(upcasterOf({ Noted: undefined, Other: [] }, where).current('Other')).toBe(1)
  })

  it('end, as the type checker sees to, in what the type has today', () => {
    type Events = { Noted: V3; Other: null }
    expectTypeOf<{ Noted: typeof steps }>().toExtend<Upcasters<Events>>()
    expectTypeOf<{ Noted: readonly [(one: V1) => V2] }>().not.toExtend<Upcasters<Events>>()
    expectTypeOf<{ Strange: readonly [] }>().not.toEqualTypeOf<Upcasters<Events>>()
  })
})
