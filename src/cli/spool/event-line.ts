import { didYouMean } from '../../errors/did-you-mean.ts'
import { RejoinError } from '../../errors/index.ts'
import { type Draft, defaultEventLimits, draftOf, type NewEvent } from '../../event/index.ts'
import { parseLossless, scanJson } from '../../json/index.ts'
import { failure } from '../misuse.ts'
import { exactMetadata } from './exact-metadata.ts'
import type { Line } from './lines.ts'
import { membersOf } from './members.ts'

/** One line of the input, checked, with its id. */
export interface EventLine extends Omit<Draft, 'id' | 'hash'> {
  readonly line: number
  readonly id: string
}

/** Reads a line of the input; `undefined` for a blank one. Throws, naming the line and its fault. */
export function eventLine(line: Line, freshId: () => string): EventLine | undefined {
  const refuse: Refuse = (problem, at) => {
    const column = at === undefined ? '' : `, column ${at + 1}`
    const stop = problem.endsWith('?') ? '' : '.'
    throw failure(
      'invalid_event',
      `line ${line.number}${column}: ${problem}${stop} Nothing is stored`,
    )
  }
  const text = textOf(line, refuse)
  if (text.trim() === '') return undefined
  checkJson(text, refuse)
  const event = newEventOf(text, refuse)
  try {
    const draft = draftOf(event, line.number, defaultEventLimits, noHash, freshId)
    return { line: line.number, ...draft }
  } catch (error) {
    if (!(error instanceof RejoinError)) throw error
    return refuse(error.message.replace(/^event \d+: /, ''))
  }
}

type Refuse = (problem: string, at?: number) => never

function textOf({ number, bytes }: Line, refuse: Refuse): string {
  try {
    const text = utf8.decode(bytes)
    return number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text
  } catch {
    return refuse('it is not UTF-8')
  }
}

function checkJson(text: string, refuse: Refuse): void {
  // The payload's own limit is checked where it stands; this one is for the line around it.
  const depth = defaultEventLimits.jsonDepth + 1
  const at = scanJson(text, depth)
  if (at < 0) {
    if (!text.trimStart().startsWith('{')) refuse('it must be a JSON object')
    return
  }
  if (at >= text.length) refuse('the JSON ends too early', at)
  if (scanJson(text, veryDeep) !== at) refuse(`nested deeper than ${depth - 1} levels`, at)
  refuse(
    `${JSON.stringify(String.fromCodePoint(text.codePointAt(at) as number))} is not JSON here`,
    at,
  )
}

function newEventOf(text: string, refuse: Refuse): NewEvent {
  const members = membersOf(text)
  if ('twice' in members) return refuse(`"${members.twice}" stands there twice`)
  for (const name of members.keys())
    if (!fields.includes(name)) refuse(`unknown field "${name}"${didYouMean(name, fields)}`)
  for (const name of ['type', 'aggregateId']) if (!members.has(name)) refuse(`"${name}" is missing`)
  const values = Object.fromEntries(
    [...members]
      .filter(([name]) => name !== 'data' && name !== 'metadata')
      .map(([name, value]) => [name, parseLossless(value)]),
  )
  const metadata = members.get('metadata')
  return {
    ...(values as Pick<NewEvent, 'id' | 'schemaVersion'> & { type: string; aggregateId: string }),
    dataText: members.get('data') ?? 'null',
    ...(metadata === undefined
      ? {}
      : { metadata: exactMetadata(metadata) as Record<string, unknown> }),
  }
}

const fields: readonly string[] = ['type', 'aggregateId', 'data', 'metadata', 'id', 'schemaVersion']
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// The store hashes what it takes in; here the hash would be thrown away.
const noHash = { sha256: () => '' }
const veryDeep = 100_000
