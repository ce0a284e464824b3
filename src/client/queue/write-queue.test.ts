import { expect, it, vi } from 'vitest'
import { RejoinError } from '../../errors/index.ts'
import { silentLogger } from '../../ports/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { at } from '../where.ts'
import { memoryQueue } from './queue-storage.ts'
import { type Outcome, WriteQueue } from './write-queue.ts'

const isAway = new RejoinError('network', 'nobody is there', at('write'))

it('a flush is not answered by an attempt that began before it, when the server may not have been back', async () => {
  const { queue, attempts } = queueing()
  const written = queue.add({ kind: 'set', path: 'a', body: '1' }, undefined)
  await vi.waitFor(() => expect(attempts).toHaveLength(1))
  const flushed = queue.flush(undefined)
  await new Promise<void>((next) => setImmediate(next))
  attempts[0]?.reject(isAway)
  await vi.waitFor(() => expect(attempts).toHaveLength(2))
  attempts[1]?.resolve({ kind: 'absent' })
  expect(await flushed).toBe(0)
  expect(await written).toEqual({ kind: 'queued', path: 'a' })
  await queue.close()
})

it('a flush whose own attempt fails says how many wait', async () => {
  const { queue, attempts } = queueing()
  for (const path of ['a', 'b']) queue.add({ kind: 'delete', path }, undefined).catch(() => {})
  await vi.waitFor(() => expect(attempts).toHaveLength(1))
  const flushed = queue.flush(undefined)
  await new Promise<void>((next) => setImmediate(next))
  attempts[0]?.reject(isAway)
  await vi.waitFor(() => expect(attempts).toHaveLength(2))
  attempts[1]?.reject(isAway)
  expect(await flushed).toBe(2)
  await queue.close()
})

/** A queue whose attempts are ended by hand, and whose pauses are long. */
function queueing() {
  const attempts: PromiseWithResolvers<Outcome>[] = []
  const queue = new WriteQueue({
    storage: memoryQueue(),
    most: 10,
    onRefused: () => {},
    logger: silentLogger,
    runtime: { ...systemRuntime, random: () => 0.999 },
    send: (_, signal) => {
      const attempt = Promise.withResolvers<Outcome>()
      signal.addEventListener('abort', () => attempt.reject(signal.reason), { once: true })
      attempts.push(attempt)
      return attempt.promise
    },
  })
  return { queue, attempts }
}
