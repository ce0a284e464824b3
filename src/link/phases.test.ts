import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../test/property.ts'
import {
  type LinkAct,
  type LinkEvent,
  type LinkPhase,
  linkEvents,
  linkPhases,
  linkTable,
  type Outcome,
} from './phases.ts'

const outside: readonly LinkEvent[] = ['pause', 'resume', 'stop', 'close', 'start', 'startLater']

describe('the table of phases', () => {
  it('has a cell for every phase and event, and no others', () => {
    expect(Object.keys(linkTable)).toEqual([...linkPhases])
    for (const phase of linkPhases) expect(Object.keys(linkTable[phase])).toEqual([...linkEvents])
  })

  it('ends for ever when closed, from every phase, in one step', () => {
    for (const phase of linkPhases.filter((one) => one !== 'closed'))
      expect(linkTable[phase].close).toEqual({ to: 'closed', act: 'rest' })
    expect(new Set(Object.values(linkTable.closed))).toEqual(new Set(['ignored']))
  })

  it('leaves rest only when it is asked to', () => {
    for (const phase of ['stopped', 'paused'] as const)
      for (const event of linkEvents)
        if (!outside.includes(event)) expect(linkTable[phase][event], event).toBe('ignored')
  })

  it('reaches every phase, and leaves every one but the last', () => {
    const reached = new Set<LinkPhase>(['stopped'])
    for (const from of reached)
      for (const outcome of Object.values(linkTable[from]))
        if (outcome !== 'ignored') reached.add(outcome.to)
    expect([...reached].toSorted()).toEqual([...linkPhases].toSorted())
  })

  it('begins what the next phase needs, whichever way it is entered', () => {
    const needed: Readonly<Record<LinkPhase, readonly LinkAct[]>> = {
      stopped: ['rest'],
      greeting: ['attempt', 'nothing'],
      syncing: ['nothing'],
      live: ['guard', 'check', 'nothing'],
      polling: ['pollLater', 'shorten'],
      waiting: ['retryLater', 'shorten'],
      paused: ['rest'],
      closed: ['rest'],
    }
    for (const from of linkPhases)
      for (const [event, outcome] of Object.entries(linkTable[from])) {
        if (outcome === 'ignored') continue
        expect(needed[outcome.to], `${from} ${event}`).toContain(outcome.act)
        // To do nothing is only right when what the phase needs is under way already.
        if (outcome.act === 'nothing' && outcome.to !== from)
          expect([from, outcome.to].toSorted()).toEqual(['greeting', 'syncing'])
      }
  })

  it('S2: after any events, a link that was not asked to rest has work under way or a wait that ends', () =>
    property(fc.array(fc.constantFrom(...linkEvents), { maxLength: 200 }), async (events) => {
      let phase: LinkPhase = 'stopped'
      // What the engine would have: work under way, and a timer.
      let works = false
      let waits = false
      for (const event of ['start' as const, ...events]) {
        // Events that tell of work or of a wait come only from there.
        if (!outside.includes(event) && event !== 'hint' && !works && !waits) continue
        if (event === 'due' && !waits) continue
        const outcome: Outcome = linkTable[phase][event]
        if (outcome === 'ignored') continue
        phase = outcome.to
        if (event === 'due') waits = false
        if (outcome.act === 'rest') works = waits = false
        if (outcome.act === 'attempt') [works, waits] = [true, false]
        if (outcome.act === 'retryLater' || outcome.act === 'pollLater')
          [works, waits] = [false, true]
        if (outcome.act === 'guard' || outcome.act === 'shorten') waits = true
        if (outcome.act === 'check') works = true
        const rests = phase === 'stopped' || phase === 'paused' || phase === 'closed'
        expect(works || waits).toBe(!rests)
      }
    }))
})
