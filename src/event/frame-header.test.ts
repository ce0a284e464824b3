import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../json/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { contentHash } from './content-hash.ts'
import { headerSchema } from './fixtures/header-schema.ts'
import {
  changedHeaders,
  drop,
  type HeaderParts,
  headerKeys,
  lineOf,
  nastyValues,
  partsOf,
  put,
} from './fixtures/headers.ts'
import { decodeFrames, encodeFrame } from './frame.ts'
import { encodeEndLine } from './frame-page.ts'
import { defaultEventLimits } from './limits.ts'
import { LogEvent, type LogEventInit } from './log-event.ts'

const origin = 'node~0123456789abcdef'
const good = encodeFrame(bare())

describe('a header is accepted exactly when the schema accepts it and the hash fits:', () => {
  it.each([
    ['an event', bare()],
    [
      'an event with parents and metadata',
      bare({ origin, sequence: 7n, parents: ['e0'], metadataText: '{"a":1}' }),
    ],
    ['a withheld stub', bare({ type: '', dataText: '', stub: 'withheld', hash: 'h'.repeat(43) })],
    [
      'an erased stub',
      bare({ origin, sequence: 7n, type: '', dataText: '', stub: 'erased', hash: '' }),
    ],
    [
      'a compacted stub with its tenant',
      bare({ type: '', dataText: '', stub: 'compacted', hash: '', metadataText: '{"tenant":"t"}' }),
    ],
    [
      'an erased stub with its tenant',
      bare({ type: '', dataText: '', stub: 'erased', hash: '', metadataText: '{"tenant":"t"}' }),
    ],
  ])('%s with any key dropped or at any nasty value', (_, event) => {
    expect(verdict(partsOf(event), event.dataText)).toBe('accepted')
    const verdicts = headerKeys.flatMap((key) =>
      [drop(key), ...nastyValues.map((value) => put(key, value))].map((change) => {
        const parts = rehashed(change(partsOf(event)), event.dataText)
        return verdict(parts, event.dataText)
      }),
    )
    expect(new Set(verdicts)).toEqual(new Set(['accepted', 'refused']))
  })

  it('any event with up to three changes', () => {
    const seen = { accepted: 0, refused: 0 }
    fc.assert(
      fc.property(changedHeaders(), fc.boolean(), ({ parts, dataText }, honest) => {
        seen[verdict(honest ? rehashed(parts, dataText) : parts, dataText)]++
      }),
      { numRuns: 2_000 },
    )
    // Neither side of "exactly" went untried.
    expect(seen.accepted).toBeGreaterThan(200)
    expect(seen.refused).toBeGreaterThan(200)
  })
})

/** Decodes an event between two good neighbours, and holds what becomes of the three against the schema. */
function verdict(parts: HeaderParts, dataText: string): 'accepted' | 'refused' {
  const line = lineOf(parts)
  const page = `${good}${line}\n${dataText}\n${good}${encodeEndLine({})}`
  const [before, event, after] = decodeFrames(page, defaultEventLimits, systemRuntime).events
  expect(before).toMatchObject({ id: 'e1', dataText: '1' })
  expect(after).toMatchObject({ id: 'e1', dataText: '1' })
  if (isAcceptable(parts, dataText)) {
    expect(carried(event as LogEvent)).toEqual(parseJson(line))
    return 'accepted'
  }
  expect(event).toEqual({ problem: expect.stringMatching(/./), id: expect.any(String) })
  return 'refused'
}

/** Says the same as the decoder should, by other means: a schema, another parser's view of the line. */
function isAcceptable(parts: HeaderParts, dataText: string): boolean {
  const keys = parts.map(([key]) => JSON.parse(key) as string)
  if (new Set(keys).size < keys.length) return false
  const line = lineOf(parts)
  const { success, data: header } = headerSchema.safeParse(parseJson(line))
  if (!success) return false
  const metadataText = metadataTextAtEnd(line, header.metadata)
  if (header.stub !== undefined)
    return (
      dataText === '' &&
      metadataText === (header.metadata === undefined ? '' : JSON.stringify(header.metadata))
    )
  if (metadataText === undefined || dataText === '') return false
  return header.hash === hashOf(header, metadataText, dataText)
}

/** The text of the metadata when it is the last key, plainly written; `undefined` when it is not. */
function metadataTextAtEnd(line: string, metadata: object | undefined): string | undefined {
  if (metadata === undefined) return ''
  const key = ',"metadata":'
  for (let at = line.indexOf(key); at >= 0; at = line.indexOf(key, at + 1)) {
    const text = line.slice(at + key.length, -1)
    // Up to here it must be a header without metadata.
    if (!isObject(`${line.slice(0, at)}}`)) continue
    return isObject(text) && text.trim() === text && depth(text) <= 128 ? text : undefined
  }
  return undefined
}

function hashOf(
  header: { id: string; type?: string | undefined; aggregate: string; schema: number },
  metadataText: string,
  dataText: string,
): string {
  const lines = [
    'rejoin-event-1',
    header.id,
    header.type,
    header.aggregate,
    header.schema,
    metadataText,
    dataText,
  ]
  return createHash('sha256').update(lines.join('\n')).digest('base64url')
}

/** The header with the hash that its content has: without it, every change would be refused for that. */
function rehashed(parts: HeaderParts, dataText: string): HeaderParts {
  const header = JSON.parse(lineOf(parts)) as Parameters<typeof hashOf>[0] & { stub?: unknown }
  const last = parts.at(-1)
  const metadataText = last?.[0] === '"metadata"' ? last[1] : ''
  const hash = JSON.stringify(hashOf(header, metadataText, dataText))
  const isOpen = (key: string) => key === '"hash"' && header.stub === undefined
  return parts.map(([key, value]) => [key, isOpen(key) ? hash : value])
}

/** What an event carries, as its header would say it. */
function carried(event: LogEvent): object {
  const { id, origin, stamp, parents, aggregateId, type, stub, schemaVersion, hash, metadata } =
    event
  return {
    id,
    ...(origin !== null && { origin, sequence: String(event.sequence) }),
    stamp: String(stamp),
    ...(parents.length > 0 && { parents }),
    aggregate: aggregateId,
    ...(stub === null ? { type } : { stub }),
    schema: schemaVersion,
    ...(hash !== '' && { hash }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

function depth(text: string): number {
  const levels = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? 1 + Math.max(0, ...Object.values(value).map(levels))
      : 0
  return levels(JSON.parse(text))
}

function bare(init: object = {}): LogEvent {
  const event = {
    ...{
      id: 'e1',
      origin: null,
      sequence: 0n,
      stamp: 5n,
      parents: [],
      aggregateId: 'order-1',
      type: 'OrderPaid',
    },
    ...{ schemaVersion: 1, metadataText: '', dataText: '1', stub: null },
    ...init,
  } as unknown as LogEventInit
  return new LogEvent({
    ...event,
    hash: event.stub === null ? contentHash(event, systemRuntime) : event.hash,
  })
}
