import type { NewEvent } from '../../src/event/index.ts'

/** Events with what Go changes on its way: digits beyond float64, the order of keys, and what it escapes. */
export function ourEvents(count: number, prefix: string): NewEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${prefix}-${index}`,
    type: ['Noted', 'Größe<&>'][index % 2] as string,
    aggregateId: `account-${index % 10}`,
    dataText: payloads[index % payloads.length] as string,
    ...(index % 3 === 0 && { metadata: { tenant: 'acme', priority: index % 10 } }),
  }))
}

const payloads = [
  '{"zeta":12345678901234567890,"alpha":[1.0,1e2,-0],"text":"<b> & \\u2028 😀"}',
  'null',
  '"only text"',
  '{"a":{"b":{"c":[{},[],true]}},"note":"plain"}',
  '[0.1,9007199254740993]',
]
