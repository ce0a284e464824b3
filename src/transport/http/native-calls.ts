import type {
  ChangePage,
  Hello,
  PullWant,
  PushAnswer,
  PushBatch,
  Welcome,
} from '../../contracts/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Sized } from '../remote/index.ts'
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
import { type PageContext, readJson, readPage, refusing } from './read-answer.ts'

/** A remote that speaks the native protocol, and the way to it. */
export interface NativeRemote<C extends Sized> extends Omit<PageContext<C>, 'operation'> {
  readonly exchange: Exchange
}

export function hello<C extends Sized>(
  remote: NativeRemote<C>,
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

export function push<C extends Sized>(
  remote: NativeRemote<C>,
  { origin, changes, cursor, expects }: PushBatch<C>,
  signal: AbortSignal | undefined,
): Promise<PushAnswer> {
  const context = { ...remote, operation: 'push' }
  const { form } = remote
  const body = { type: framesType, bytes: encodePage(form, changes, { cursor, expects }) }
  const request = { operation: 'push', path: form.plural, query: { origin }, body }
  return remote.exchange.send(request, signal, (answer) => {
    const pushed = readJson(answer, pushAnswerSchema, context)
    if (pushed.kind === 'applied' && pushed.receipts.length !== changes.length)
      throw refusing(
        context,
        `${pushed.receipts.length} receipts for ${changes.length} ${form.plural}`,
      )
    return pushed
  })
}

export function pull<C extends Sized>(
  remote: NativeRemote<C>,
  after: Cursor,
  want: PullWant<C>,
  signal: AbortSignal | undefined,
): Promise<ChangePage<C>> {
  const context = { ...remote, operation: 'pull' }
  const request: Outgoing = { operation: 'pull', ...pullRequest(remote.form.plural, after, want) }
  return remote.exchange.send(request, signal, (answer) => {
    const { changes, end } = readPage(answer, pageEndSchema, context)
    return 'reset' in end ? { kind: 'reset' } : { kind: 'page', changes, ...end }
  })
}

export function pullRequest<C>(
  path: string,
  after: Cursor,
  want: PullWant<C>,
): Omit<Outgoing, 'operation'> {
  const { count, bytes, notVia, filter } = want
  if (filter !== undefined) {
    const body = { after, count, bytes, ...(notVia && { notVia }), filter: filter.there.text }
    return { path: `${path}/pull`, body: jsonBody(body) }
  }
  const size = { count: String(count), bytes: String(bytes) }
  return { path, query: { after, ...size, ...(notVia && { 'not-via': notVia }) } }
}

/** The changes with these ids that the remote has; `more` when it stopped before it had looked for all. */
export function fetchByIds<C extends Sized>(
  remote: NativeRemote<C>,
  after: Cursor,
  { ids, bytes, filter }: PullWant<C>,
  signal: AbortSignal | undefined,
): Promise<ChangePage<C>> {
  const context = { ...remote, operation: 'pull' }
  const body = jsonBody({ ids, bytes, ...(filter && { filter: filter.there.text }) })
  const request: Outgoing = { operation: 'pull', path: `${remote.form.plural}/fetch`, body }
  return remote.exchange.send(request, signal, (answer) => {
    const { changes, end } = readPage(answer, fetchEndSchema, context)
    return { kind: 'page', changes, cursor: after, more: end.more }
  })
}

function jsonBody(value: object): NonNullable<Outgoing['body']> {
  return { type: jsonType, bytes: new TextEncoder().encode(JSON.stringify(value)) }
}
