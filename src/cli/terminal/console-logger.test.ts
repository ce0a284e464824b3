import { expect, it } from 'vitest'
import { Captured } from '../../../test/e2e/command-io.ts'
import { RejoinError } from '../../errors/index.ts'
import { consoleLogger, type LogLevel } from './console-logger.ts'
import { Output } from './output.ts'

const runtime = { now: () => 1_767_225_600_123 }

function logged(format: 'pretty' | 'json', level: LogLevel = 'debug', terminal?: number) {
  const stream = new Captured(terminal)
  const logger = consoleLogger(new Output(stream, {}), { level, format, runtime })
  return { logger, text: () => stream.text }
}

it('writes time, level, message and fields for people', () => {
  const { logger, text } = logged('pretty')
  const cause = new Error('disk gone')
  logger.info('ready', { port: 8080, node: 'hub', path: '/a b', size: 5n, list: ['x'] })
  logger.error('failed', { error: new Error('no write', { cause }), none: undefined })
  expect(text().replaceAll(/^[\d:]{8}/gm, 'TIME')).toBe(
    [
      'TIME.123 INFO  ready  port=8080 node=hub path="/a b" size="5" list=["x"]',
      'TIME.123 ERROR failed  error="no write: disk gone" none=undefined',
      '',
    ].join('\n'),
  )
})

it('writes one JSON object a line for machines', () => {
  const { logger, text } = logged('json')
  const init = { operation: 'open', component: 'sqlite' }
  logger.warn('slow', { took: 7, at: 5n })
  logger.error('failed', {
    error: new RejoinError('storage_io', 'no write', init),
    plain: new Error('x'),
  })
  const [slow, failed] = text()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const time = '2026-01-01T00:00:00.123Z'
  expect(slow).toEqual({ time, level: 'warn', message: 'slow', took: 7, at: '5' })
  expect(failed).toMatchObject({
    level: 'error',
    error: { code: 'storage_io', message: 'no write' },
    plain: { name: 'Error', message: 'x', stack: expect.stringMatching('console-logger') },
  })
})

it('leaves out what is below its level', () => {
  const { logger, text } = logged('json', 'warn')
  logger.debug('a')
  logger.info('b')
  logger.warn('c')
  logger.error('d')
  expect(text().trimEnd().split('\n')).toHaveLength(2)
})

it('is colourful on a terminal, and lets nobody steer it', () => {
  const { logger, text } = logged('pretty', 'debug', 80)
  logger.debug('an event of type \x1b[2J', { id: '\x1b]0;mine\x07' })
  expect(text()).toContain('\x1b[2mDEBUG')
  expect(text()).not.toContain('\x1b[2J')
  expect(text()).not.toContain('\x07')
})
