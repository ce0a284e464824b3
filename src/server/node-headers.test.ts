import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NodeHeaders } from './node-headers.ts'

const names = ['Host', 'host', 'HOST', 'Origin', 'X-Other', 'x-other', 'X-Othes']
const raw = fc.array(
  fc.tuple(fc.constantFrom(...names), fc.constantFrom('', 'a', 'b, c', '\u00e9')),
)

it('headers are found as `Headers` finds them', () =>
  fc.assert(
    fc.property(raw, (all) => {
      const [own, known] = [new NodeHeaders(all.flat()), new Headers(all)]
      for (const name of ['host', 'origin', 'x-other', 'cookie'])
        expect([own.get(name), own.has(name)]).toEqual([known.get(name), known.has(name)])
    }),
  ))
