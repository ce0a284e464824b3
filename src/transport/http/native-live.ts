import type { ChangePage, LiveWant } from '../../contracts/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Sized } from '../remote/index.ts'
import { pageEndSchema } from '../remote/wire.ts'
import type { Exchange } from './exchange.ts'
import { type ListeningOptions, messagesOf } from './incoming-stream.ts'
import { pullRequest } from './native-calls.ts'
import { type PageContext, pageIn } from './read-answer.ts'

/** A remote that tells of commits over an event stream, and the way to it. */
export interface LiveRemote<C extends Sized>
  extends Omit<PageContext<C>, 'operation'>,
    ListeningOptions {
  readonly exchange: Exchange
}

/** As `Transport.subscribe`, over an event stream. */
export async function* subscribe<C extends Sized>(
  remote: LiveRemote<C>,
  after: Cursor,
  want: LiveWant<C>,
  signal: AbortSignal,
): AsyncGenerator<ChangePage<C>, void> {
  const context = { ...remote, operation: 'subscribe' }
  const request = { operation: 'subscribe', ...pullRequest(remote.form.plural, after, want) }
  const read = (response: Response, inner: AbortSignal) => messagesOf(response, remote, inner)
  for await (const { data } of remote.exchange.stream(request, signal, read)) {
    const { changes, end } = pageIn(data, pageEndSchema, context)
    if ('reset' in end) return yield { kind: 'reset' }
    yield { kind: 'page', changes, ...end }
  }
}
