import { afterEach, expect, it, vi } from 'vitest'
import { urlOf } from './requests.ts'

afterEach(() => vi.unstubAllGlobals())

it.each([
  ['users/1', 'http://home.test/behind/users/1'],
  ['?api=info', 'http://home.test/behind/?api=info'],
  ['//evil.test/a', 'http://home.test/behind///evil.test/a'],
  ['/a', 'http://home.test/behind//a'],
  ['http://evil.test/', 'http://home.test/behind/http%3A//evil.test/'],
  ['\\\\evil.test', 'http://home.test/behind/%5C%5Cevil.test'],
])('asks its own server for %s, wherever a link has it from', (path, url) => {
  vi.stubGlobal('location', { href: 'http://home.test/behind/#users/1' })
  expect(urlOf(path).href).toBe(url)
})
