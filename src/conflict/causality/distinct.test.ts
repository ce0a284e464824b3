import { expect, it } from 'vitest'
import type { LogEvent } from '../../event/index.ts'
import { eventWith, stubFor } from '../fixtures/histories.ts'
import { distinct } from './distinct.ts'

const event = eventWith({ id: 'e', stamp: 5, data: 1 })

it.each<[string, LogEvent, LogEvent]>([
  ['content over a stub', event, stubFor(eventWith({ id: 'e', stamp: 9 }))],
  ['content over a stub with causality', eventWith({ id: 'e', origin: null }), stubFor(event)],
  ['causality over none', event, eventWith({ id: 'e', stamp: 9, origin: null })],
  ['the later place', eventWith({ id: 'e', stamp: 6 }), event],
  ['one of two contents', eventWith({ id: 'e', stamp: 5, data: 2 }), event],
])('of two under one id, %s is taken, whoever comes first', (_, taken, left) => {
  expect(distinct([taken, left])).toEqual([taken])
  expect(distinct([left, taken])).toEqual([taken])
  expect(distinct([left, taken, left, taken])).toEqual([taken])
})
