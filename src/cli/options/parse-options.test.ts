import { describe, expect, it } from 'vitest'
import { defaulted, flag, oneOf, optional, repeated, required } from './option.ts'
import { parseOptions } from './parse-options.ts'
import { count, nodeId, port, position, seconds, text, token, webAddress } from './readers.ts'

const options = {
  store: required('FILE', 'the log', text),
  port: defaulted('PORT', 'the port', '8080', port),
  format: optional('FORMAT', 'how', oneOf('pretty', 'json')),
  token: repeated('TOKEN', 'a secret', token),
  json: flag('as JSON'),
}
const read = (...args: string[]) => parseOptions(options, args)
const refusal = (...args: string[]) => {
  try {
    return read('--store', 'x', ...args)
  } catch (error) {
    return (error as Error).message
  }
}

it('reads each option as its own type, with its default', () => {
  expect(read('--store', 'a.db')).toEqual({
    store: 'a.db',
    port: 8080,
    format: undefined,
    token: [],
    json: false,
  })
  const given = ['--store=a=b.db', '--port', '0', '--token', 'x', '--token=-y', '--json', '--json']
  expect(read(...given, '--format', 'json')).toEqual({
    store: 'a=b.db',
    port: 0,
    format: 'json',
    token: ['x', '-y'],
    json: true,
  })
})

it('names what is missing', () => {
  expect(() => read('--json')).toThrow('--store FILE is missing')
})

it.each([
  [['--stroe', 'x'], 'unknown option --stroe; did you mean "--store"?'],
  [['--constructor'], 'unknown option --constructor'],
  [['-x'], 'unknown option -x'],
  [['json'], 'unexpected argument "json"; did you mean "--json"?'],
  [['a', 'b'], 'unexpected argument "a"'],
  [['--json=yes'], '--json takes no value'],
  [['--port'], '--port needs a value: --port PORT'],
  [
    ['--port', '--json'],
    '--port needs a value; one that begins with "-" is given as --port=--json',
  ],
  [['--port', '1', '--port', '2'], '--port is given twice'],
  [['--store', 'y'], '--store is given twice'],
  [['--port', 'x'], '--port must be a number from 0 to 65535, not "x"'],
  [['--token', 'naïve'], '--token must be visible ASCII without spaces'],
  [['--format', 'yaml'], '--format must be pretty, json, not "yaml"'],
])('refuses %j', (args, message) => {
  expect(refusal(...args)).toBe(message)
})

it('takes what a bare -- is followed by as arguments, of which there are none', () => {
  expect(refusal('--', '--json')).toBe('unexpected argument "--json"')
})

describe('values', () => {
  it.each([
    [port, ['0', '65535'], ['65536', '-1', '1e3', '']],
    [count, ['1', '2000'], ['0', '1.5', '99999999999999999999', 'x']],
    [seconds, ['1', '0.5', '90'], ['0', '-1', '1e9', '3000000', 'soon']],
    [position, ['0', '9223372036854775807'], ['9223372036854775808', '-1', 'x']],
    [nodeId, ['laptop', 'a.b_c-1'], ['', 'a b', 'x'.repeat(256)]],
    [token, ['secret'], ['', 'a b', 'naïve']],
    [text, ['x'], ['']],
    [
      webAddress,
      ['http://127.0.0.1:8080', 'https://example.org/sync'],
      ['example.org', 'ftp://x', 'http://a:b@x'],
    ],
  ])('%o takes %j and refuses %j', (reader, good, bad) => {
    for (const each of good) expect(String(reader(each))).toBe(each)
    for (const each of bad) expect(() => reader(each)).toThrow(/^must /)
  })
})
