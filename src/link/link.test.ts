import { describe, expect, it } from 'vitest'
import { idsOf, write } from '../../test/fleet.ts'
import { level, linked, phase, until } from '../../test/linked.ts'
import { Link } from './index.ts'

describe('a link', () => {
  it('starts once, rests when it is told to, and goes on', async () => {
    const { laptop, hub, link, runtime } = await linked()
    link.pause()
    link.resume()
    link.stop()
    expect(link.transitions).toEqual([])
    link.start()
    link.start()
    await phase(link, 'live')
    link.pause()
    link.start()
    link.nudge()
    expect(link.phase).toBe('paused')
    await write(laptop, 'a', 'l1')
    await write(hub, 'a', 'h1')
    runtime.pass(3_600_000)
    expect(await idsOf(hub)).toEqual(['h1'])
    link.resume()
    await level(laptop, hub)
    await phase(link, 'live')
    link.stop()
    link.stop()
    expect(runtime.pending).toBe(0)
    await write(hub, 'a', 'h2')
    link.start()
    await level(laptop, hub)
    await link.close()
    link.start()
    expect(link.phase).toBe('closed')
    await expect(link.syncNow()).rejects.toMatchObject({ code: 'closed' })
  })

  it('syncs when it is told to, whatever the phase', async () => {
    const { laptop, hub, link } = await linked()
    await write(laptop, 'a', 'l1')
    expect(await link.syncNow()).toMatchObject({ pushed: 1, pulled: 0, errors: [] })
    expect(link.phase).toBe('stopped')
    link.start()
    await phase(link, 'live')
    await write(hub, 'a', 'h1')
    await write(laptop, 'a', 'l2')
    expect((await link.syncNow()).errors).toEqual([])
    await level(laptop, hub)
    await link.close()
  })

  it('tells each change of phase as it happens, and keeps the last 50', async () => {
    const { link } = await linked()
    const told: string[] = []
    const forget = link.onTransition(({ from, to, event }) => told.push(`${from} ${event} ${to}`))
    link.onTransition(() => {
      throw new Error('a bad listener')
    })
    link.start()
    await phase(link, 'live')
    expect(told).toEqual([
      'stopped start greeting',
      'greeting greeted syncing',
      'syncing joined live',
    ])
    forget()
    for (let n = 0; n < 60; n++) {
      link.pause()
      link.resume()
    }
    expect(told).toHaveLength(3)
    expect(link.transitions).toHaveLength(50)
    expect(link.transitions.at(-1)).toMatchObject({
      from: 'paused',
      to: 'greeting',
      event: 'resume',
    })
    await link.close()
  })

  it('ends when its log or its transport is closed, and says so', async () => {
    const { laptop, link } = await linked()
    link.start()
    await phase(link, 'live')
    await laptop.store.close()
    await phase(link, 'closed')
    expect((await link.explain()).blocked).toMatchObject({ cause: 'closed' })
    expect(link.transitions.at(-1)).toMatchObject({ event: 'close', code: 'closed' })
  })

  it('pushes what is left when it is closed, within its time, or says what is unsent', async () => {
    const { laptop, hub, line, runtime } = await linked()
    const { subscribe: _, ...transport } = line.transport
    const made = () => new Link({ replica: laptop.store, transport, runtime, realtime: false })
    const link = made()
    link.start()
    await phase(link, 'polling')
    await write(laptop, 'a', 'l1', 'l2')
    expect(await link.close()).toEqual({ count: 0, more: false })
    expect(await idsOf(hub)).toEqual(['l1', 'l2'])

    const cut = made()
    cut.start()
    await phase(cut, 'polling')
    line.cut()
    await write(laptop, 'a', 'l3')
    expect(await cut.close()).toEqual({ count: 1, more: false })

    line.heal()
    let pushes = 0
    const push = () => {
      pushes++
      return new Promise<never>(() => {})
    }
    const hangs = new Link({ replica: laptop.store, runtime, transport: { ...transport, push } })
    const closed = hangs.close({ flush: true, within: 3_000 })
    await until(() => pushes === 1)
    runtime.pass(3_000)
    expect(await closed).toEqual({ count: 1, more: false })
  })

  it('that was never there knows nothing of what is unsent, unless somebody guesses', async () => {
    const { laptop, link, line, runtime } = await linked()
    await write(laptop, 'a', 'l1')
    expect((await link.explain()).unsent).toBeUndefined()
    const guess = new Link({
      replica: laptop.store,
      transport: line.transport,
      runtime,
      guessPeer: async () => 'none',
    })
    expect((await guess.explain()).unsent).toEqual({ count: 1, more: false })
  })
})
