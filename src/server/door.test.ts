import { describe, expect, it } from 'vitest'
import { doorOf } from './door.ts'
import { hostOf, isLoopback } from './loopback.ts'

describe('a host to listen on', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.255.0.9', '::1', '[::1]'])(
    '%s is loopback',
    (host) => {
      expect(isLoopback(host)).toBe(true)
    },
  )

  it.each([
    '0.0.0.0',
    '::',
    '192.168.0.1',
    '127.0.0.1.evil.test',
    '127.0.0.256',
    '127.1',
    'localhost.evil.test',
    '',
    '[::]',
  ])('%s is not', (host) => {
    expect(isLoopback(host)).toBe(false)
  })
})

describe('a Host header', () => {
  it.each([
    ['localhost', 'localhost'],
    ['localhost:8080', 'localhost'],
    ['127.0.0.1:1', '127.0.0.1'],
    ['[::1]:80', '[::1]'],
    ['[::1]', '[::1]'],
    ['::1', undefined],
    ['localhost:80:80', undefined],
    ['user@localhost', undefined],
    ['localhost/x', undefined],
    ['localhost:port', undefined],
    ['', undefined],
  ])('%j names %j', (header, host) => {
    expect(hostOf(header)).toBe(host)
  })
})

describe('the door', () => {
  it.each(['0.0.0.0', '::', '192.168.1.5', 'example.org'])(
    'is not opened at %s without a token, unless it may be insecure',
    (host) => {
      const refused = { code: 'invalid_argument', message: expect.stringContaining(host) }
      expect(() => doorOf({ host, tokens: [], insecure: false })).toThrow(
        expect.objectContaining(refused),
      )
      expect(verdict({ host, insecure: true }, { host: 'evil.test', origin: 'x' })).toBeUndefined()
      expect(verdict({ host, tokens: ['t'] }, { authorization: 'Bearer t' })).toBeUndefined()
    },
  )

  it.each(['', ' ', 'two words', 'schlüssel'])('is not opened with the token "%s"', (token) => {
    const options = { host: '127.0.0.1', tokens: ['good', token], insecure: true }
    expect(() => doorOf(options)).toThrow('must be printable ASCII without spaces, and not empty')
  })

  it.each(['Bearer one', 'bearer one', 'BEARER  two'])(
    'lets in who shows a token: %s',
    (authorization) => {
      expect(verdict({ tokens: ['one', 'two'] }, { authorization })).toBeUndefined()
    },
  )

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer three',
    'Bearer one two',
    'Basic one',
    'one',
    'Bearer onetwo',
  ])('turns away who does not: %s', (authorization) => {
    expect(verdict({ tokens: ['one', 'two'] }, { authorization })).toBe(401)
  })

  it('wants a token before it looks at anything else', () => {
    expect(verdict({ tokens: ['one'] }, {})).toBe(401)
    const foreign = { authorization: 'Bearer one', host: 'hub.test', origin: 'https://app.test' }
    expect(verdict({ tokens: ['one'] }, foreign)).toBeUndefined()
  })

  it.each(['localhost', 'localhost:8080', '127.0.0.1:1', '[::1]:8080'])(
    'on loopback lets in who calls it %s',
    (host) => {
      expect(verdict({}, { host })).toBeUndefined()
      expect(verdict({}, { host, origin: `http://${host}` })).toBeUndefined()
    },
  )

  it.each([
    { host: 'evil.test' },
    { host: 'evil.test:8080' },
    { host: '192.168.0.1' },
    { host: 'localhost.evil.test' },
    { host: '' },
    {},
    { host: 'localhost:8080', origin: 'http://evil.test' },
    { host: 'localhost:8080', origin: 'null' },
    { host: 'localhost:8080', origin: 'http://localhost:9999' },
    { host: 'localhost:8080', origin: 'https://localhost:8080' },
  ])('on loopback turns web pages away: %j', (headers) => {
    expect(verdict({}, headers)).toBe(403)
  })
})

function verdict(
  options: Partial<Parameters<typeof doorOf>[0]>,
  headers: Record<string, string>,
): number | undefined {
  const door = doorOf({ host: '127.0.0.1', tokens: [], insecure: false, ...options })
  return door(new Headers(headers))?.status
}
