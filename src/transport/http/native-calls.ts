import type {
  ChangePage,
  Hello,
  PullWant,
  PushAnswer,
  PushBatch,
  Welcome,
} from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'
import { encodePage } from '../remote/page.ts'
import {
  fetchEndSchema,
  helloBody,
  pageEndSchema,
  protocolName,
  protocolSchema,
  protocolVersion,
  pushAnswerSchema,
  welcomeSchema,
} from '../remote/wire.ts'
import type { Exchange, Outgoing } from './exchange.ts'
import { framesType, jsonType } from './media.ts'
import { type AnswerContext, readJson, readPage, refusing } from './read-answer.ts'

/** A remote that speaks the native protocol, and the way to it. */
export interface NativeRemote extends Omit<AnswerContext, 'operation'> {
  readonly exchange: Exchange
}

export function hello(
  remote: NativeRemote,
  mine: Hello,
  signal: AbortSignal | undefined,
): Promise<Welcome> {
  const context = { ...remote, operation: 'hello' }
  const { origin, you } = mine
  const said = you === undefined ? { query: { origin } } : { body: jsonBody(helloBody(mine)) }
  const request: Outgoing = { operation: 'hello', path: 'hello', ...said }
  return remote.exchange.send(request, signal, (answer) => {
    const { protocol } = readJson(answer, protocolSchema, context)
    if (protocol.name !== protocolName) throw refusing(context, `it speaks ${protocol.name}`)
    if (protocol.version !== protocolVersion)
      throw refusing(context, `it speaks version ${protocol.version}, this is ${protocolVersion}`)
    return readJson(answer, welcomeSchema, context)
  })
}

export function push(
  remote: NativeRemote,
  { origin, changes, cursor, expects }: PushBatch<LogEvent>,
  signal: AbortSignal | undefined,
): Promise<PushAnswer> {
  const context = { ...remote, operation: 'push' }
  const body = { type: framesType, bytes: encodePage(changes, { cursor, expects }) }
  const request = { operation: 'push', path: 'events', query: { origin }, body }
  return remote.exchange.send(request, signal, (answer) => {
    const pushed = readJson(answer, pushAnswerSchema, context)
    if (pushed.kind === 'applied' && pushed.receipts.length !== changes.length)
      throw refusing(context, `${pushed.receipts.length} receipts for ${changes.length} events`)
    return pushed
  })
}

export function pull(
  remote: NativeRemote,
  after: Cursor,
  want: PullWant,
  signal: AbortSignal | undefined,
): Promise<ChangePage<LogEvent>> {
  const context = { ...remote, operation: 'pull' }
  const request: Outgoing = { operation: 'pull', ...pullRequest(after, want) }
  return remote.exchange.send(request, signal, (answer) => {
    const { changes, end } = readPage(answer, pageEndSchema, context)
    return 'reset' in end ? { kind: 'reset' } : { kind: 'page', changes, ...end }
  })
}

export function pullRequest(after: Cursor, want: PullWant): Omit<Outgoing, 'operation'> {
  const { count, bytes, notVia, filter } = want
  if (filter !== undefined) {
    const body = { after, count, bytes, ...(notVia && { notVia }), filter: filter.there.text }
    return { path: 'events/pull', body: jsonBody(body) }
  }
  const size = { count: String(count), bytes: String(bytes) }
  return { path: 'events', query: { after, ...size, ...(notVia && { 'not-via': notVia }) } }
}

/** The events with these ids that the remote has; `more` when it stopped before it had looked for all. */
export function fetchByIds(
  remote: NativeRemote,
  after: Cursor,
  { ids, bytes, filter }: PullWant,
  signal: AbortSignal | undefined,
): Promise<ChangePage<LogEvent>> {
  const context = { ...remote, operation: 'pull' }
  const body = jsonBody({ ids, bytes, ...(filter && { filter: filter.there.text }) })
  const request: Outgoing = { operation: 'pull', path: 'events/fetch', body }
  return remote.exchange.send(request, signal, (answer) => {
    const { changes, end } = readPage(answer, fetchEndSchema, context)
    return { kind: 'page', changes, cursor: after, more: end.more }
  })
}

function jsonBody(value: object): NonNullable<Outgoing['body']> {
  return { type: jsonType, bytes: new TextEncoder().encode(JSON.stringify(value)) }
}
