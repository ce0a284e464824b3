import fc from 'fast-check'
import { expect, it } from 'vitest'
import { events } from '../../event/fixtures/events.ts'
import { sameEvent } from '../../event/index.ts'
import { packEvents, unpackEvents } from './packed-events.ts'

it('S1: events come out of a packet as they went in, byte for byte and in order', () => {
  fc.assert(
    fc.property(fc.array(events(), { maxLength: 8 }), (sent) => {
      const received = unpackEvents(structuredClone(packEvents(sent)))
      expect(received.map((event) => event.id)).toEqual(sent.map((event) => event.id))
      received.forEach((event, at) => {
        expect(event).toEqual(sent[at])
        expect(sameEvent(event, sent[at] as (typeof sent)[number])).toBe(true)
      })
    }),
  )
})
