import { expect, it } from 'vitest'
import { RejoinError } from '../../errors/index.ts'
import { errorLine } from './error-line.ts'
import { shellWord } from './shell-word.ts'

const error = (code: 'network' | 'storage_full' | 'invalid_event', message: string) =>
  new RejoinError(code, message, { operation: 'sync', component: 'link' })

it('says what happened and what to do, on one line', () => {
  expect(errorLine(error('network', "can't reach it.\n  at all."))).toBe(
    "can't reach it. at all; nothing is lost: sync again when the remote can be reached",
  )
  expect(errorLine(error('invalid_event', 'no'))).toBe('no')
  expect(errorLine(new Error('plain'))).toBe('plain')
  expect(errorLine('text')).toBe('text')
})

it('does not repeat advice that the message gives', () => {
  const message = 'the disk is full. Free some space and try again'
  expect(errorLine(error('storage_full', message))).toBe(message)
})

it('writes a path so that a shell reads it as one word', () => {
  expect(['a/b-1.db', "my notes' log.db"].map(shellWord)).toEqual([
    'a/b-1.db',
    `'my notes'\\'' log.db'`,
  ])
})
