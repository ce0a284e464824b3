import type { z } from 'zod'
import { RejoinError } from '../../errors/index.ts'
import { decodeFrames, type EventLimits, LogEvent } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { parsed } from '../remote/parsed.ts'
import { type Asked, answeredWith, notOurs } from './failure.ts'
import { jsonOf, type Message, textOf } from './message.ts'
import { errorSchema } from './wire.ts'

export interface AnswerContext extends Asked {
  readonly limits: EventLimits
  readonly runtime: Pick<Runtime, 'sha256'>
}

/** The body of an answer; throws what the remote answered instead, or `protocol`. */
export function readJson<T extends z.ZodType>(
  message: Message,
  schema: T,
  context: AnswerContext,
): z.output<T> {
  expectKind(message, 'answer', context)
  return parsed(
    schema,
    ours(context, () => jsonOf(message)),
    (what) => notOurs(context, what),
  )
}

/**
 * A page of events; throws as `readJson` does, and `invalid_event` for an event that breaks a rule here: to
 * go on without it would lose it.
 */
export function readPage<T extends z.ZodType>(
  message: Message,
  schema: T,
  context: AnswerContext,
): { changes: LogEvent[]; end: z.output<T> } {
  expectKind(message, 'page', context)
  const { events, end } = ours(context, () =>
    decodeFrames(textOf(message), context.limits, context.runtime),
  )
  const changes: LogEvent[] = []
  for (const event of events) {
    if (!(event instanceof LogEvent)) throw unacceptable(event.id, event.problem, context)
    changes.push(event)
  }
  return { changes, end: parsed(schema, end, (what) => notOurs(context, `end line: ${what}`)) }
}

/** Throws what an error message says. */
export function expectKind(message: Message, kind: 'answer' | 'page', context: Asked): void {
  if (message.kind === kind) return
  if (message.kind !== 'error')
    throw notOurs(context, `it answers ${context.operation} with ${message.kind}`)
  const said = parsed(
    errorSchema,
    ours(context, () => jsonOf(message)),
    (what) => notOurs(context, what),
  )
  throw answeredWith(said, context)
}

function ours<T>(context: Asked, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw notOurs(context, (cause as Error).message, cause)
  }
}

function unacceptable(id: string, problem: string, { url, operation }: AnswerContext): RejoinError {
  return new RejoinError('invalid_event', `event "${id}" from ${url}: ${problem}`, {
    operation,
    component: 'transport/websocket',
    details: { url, id },
  })
}
