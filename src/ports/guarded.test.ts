import { expect, it } from 'vitest'
import { guardedLogger, guardedMetrics, type Metrics, silentLogger, tellListener } from './index.ts'

const oops = new Error('oops')
const bomb = () => {
  throw oops
}
const call = { operation: 'push', outcome: 'ok', duration: 1 } as const

it('a logger that throws or rejects is not heard', async () => {
  for (const fail of [bomb, () => Promise.reject(oops)]) {
    const logger = guardedLogger({ debug: fail, info: fail, warn: fail, error: fail })
    for (const level of ['debug', 'info', 'warn', 'error'] as const) logger[level]('words', {})
    await Promise.resolve()
  }
})

it('what a logger is told arrives as it is', () => {
  const told: unknown[] = []
  const logger = guardedLogger({ ...silentLogger, warn: (...words) => void told.push(words) })
  logger.warn('words', { field: 1 })
  expect(told).toEqual([['words', { field: 1 }]])
})

it('a listener that throws or rejects is told of, and stops nobody', async () => {
  const heard: unknown[] = []
  const failed: unknown[] = []
  for (const listener of [(news: number) => heard.push(news), bomb, () => Promise.reject(oops)])
    tellListener(listener, 7, (error) => failed.push(error))
  await Promise.resolve()
  expect([heard, failed]).toEqual([[7], [oops, oops]])
})

it('metrics that throw or reject are logged', async () => {
  const complaints: unknown[] = []
  const logger = {
    ...silentLogger,
    error: (_: string, fields: unknown) => void complaints.push(fields),
  }
  for (const fail of [bomb, () => Promise.reject(oops)]) {
    const plugged: Metrics = { syncEnded: fail, storageCalled: fail, transportCalled: fail }
    const metrics = guardedMetrics(plugged, logger)
    metrics.storageCalled(call)
    metrics.transportCalled(call)
    await Promise.resolve()
  }
  expect(complaints).toEqual([1, 2, 3, 4].map(() => ({ error: oops })))
})
