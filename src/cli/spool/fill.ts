import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { addAbortSignal } from 'node:stream'
import { canonicalJson } from '../../json/index.ts'
import { systemRuntime, uuidv7 } from '../../runtime/index.ts'
import { failure } from '../misuse.ts'
import { type EventLine, eventLine } from './event-line.ts'
import { linesOf } from './lines.ts'
import type { Spool } from './spool.ts'

export interface Filled {
  /** Lines whose id, with the same content, stands on an earlier line. */
  readonly repeated: number
}

/** Reads all input into the spool, checked and with ids, and seals it. Throws for the first bad line. */
export async function fill(
  spool: Spool,
  input: Readable,
  options: { readonly signal: AbortSignal; readonly onProgress: (lines: number) => void },
): Promise<Filled> {
  const { signal, onProgress } = options
  signal.throwIfAborted()
  const freshId = uuidv7(systemRuntime)
  const digest = createHash('sha256')
  let repeated = 0
  try {
    for await (const lines of linesOf(
      hashed(addAbortSignal(signal, input), digest),
      mostLineBytes,
    )) {
      for (const line of lines) {
        const event = eventLine(line, freshId)
        const known = event && spool.add(event)
        if (event === undefined || known === undefined) continue
        if (!sameEvent(known, event)) throw twice(event, known)
        repeated++
      }
      onProgress(lines.at(-1)?.number ?? 0)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
  spool.seal(digest.digest('base64url'))
  return { repeated }
}

async function* hashed(
  input: Readable,
  digest: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
    digest.update(bytes)
    yield bytes
  }
}

function sameEvent(one: EventLine, other: EventLine): boolean {
  return (
    one.type === other.type &&
    one.aggregateId === other.aggregateId &&
    one.schemaVersion === other.schemaVersion &&
    canonicalJson(one.metadataText || '{}') === canonicalJson(other.metadataText || '{}') &&
    canonicalJson(one.dataText) === canonicalJson(other.dataText)
  )
}

function twice(event: EventLine, known: EventLine): Error {
  return failure(
    'id_conflict',
    `line ${event.line}: the id "${event.id}" stands on line ${known.line} with other content. Nothing is stored`,
  )
}

/** An event of the largest size, with room for white space between its tokens. */
const mostLineBytes = 8 * 1024 * 1024
