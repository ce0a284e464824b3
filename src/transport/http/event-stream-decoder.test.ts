import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { encodeMessage, type StreamMessage } from './event-stream.ts'
import { EventStreamDecoder } from './event-stream-decoder.ts'

describe('an event stream', () => {
  it('gives its messages however it is cut', () =>
    property(fc.tuple(fc.array(message), fc.array(fc.nat(40))), async ([messages, cuts]) => {
      const text = messages
        .map((each) => new TextDecoder().decode(encodeMessage(each)))
        .join(':\n\n')
      expect(read(pieces(text, cuts))).toEqual(messages)
    }))

  it('passes over comments, unknown fields and messages without data, and takes other line ends', () => {
    const text = ': hello\nretry: 5\r\nid: 7\r\nevent: reset\r\ndata:{}\r\n\r\nid: 8\n\ndata\n\n'
    expect(read([text])).toEqual([
      { id: '7', event: 'reset', data: '{}\r\n' },
      { id: '8', data: '\n' },
    ])
  })

  it('keeps a carriage return inside a payload', () => {
    expect(read(['data: {"a":\r1}\n\n'])).toEqual([{ id: '', data: '{"a":\r1}\n' }])
  })

  it('X1: refuses a message that grows without end, in one line or in many', () => {
    expect(() => read(['data: ', 'x'.repeat(60), 'x'.repeat(60)], 100)).toThrow('over')
    expect(() => read(Array(30).fill('data: x\n'), 100)).toThrow('over')
    expect(read(Array(30).fill('data: x\n\n'), 100).length).toBe(30)
  })
})

const line = fc.string().map((text) => text.replaceAll(/[\n]/g, ' '))
const message: fc.Arbitrary<StreamMessage> = fc
  .record({
    id: fc.stringMatching(/^[A-Za-z0-9._-]{0,30}$/),
    event: fc.option(fc.constantFrom('reset', 'other'), { nil: undefined }),
    data: fc.array(line, { minLength: 1 }).map((lines) => `${lines.join('\n')}\n`),
  })
  .map(({ event, ...rest }) => ({ ...rest, ...(event !== undefined && { event }) }))

function read(text: readonly string[], most = 1e6): StreamMessage[] {
  const decoder = new EventStreamDecoder(most, () => new Error('over'))
  return text.flatMap((piece) => [...decoder.decode(piece)])
}

function pieces(text: string, cuts: readonly number[]): string[] {
  const found: string[] = []
  let at = 0
  for (const cut of cuts) {
    found.push(text.slice(at, at + cut))
    at += cut
  }
  return [...found, text.slice(at)]
}
