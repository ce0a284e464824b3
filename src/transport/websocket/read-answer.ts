import type { z } from 'zod'
import { RejoinError } from '../../errors/index.ts'
import { type ChangeForm, isProblem, type Sized } from '../remote/index.ts'
import { parsed } from '../remote/parsed.ts'
import { type Asked, answeredWith, notOurs } from './failure.ts'
import { jsonOf, type Message, textOf } from './message.ts'
import { errorSchema } from './wire.ts'

export interface AnswerContext<C extends Sized> extends Asked {
  readonly form: ChangeForm<C>
}

/** The body of an answer; throws what the remote answered instead, or `protocol`. */
export function readJson<T extends z.ZodType>(
  message: Message,
  schema: T,
  context: Asked,
): z.output<T> {
  expectKind(message, 'answer', context)
  return parsed(
    schema,
    ours(context, () => jsonOf(message)),
    (what) => notOurs(context, what),
  )
}

/**
 * A page of changes; throws as `readJson` does, and `invalid_event` for a change that breaks a rule here: to
 * go on without it would lose it.
 */
export function readPage<C extends Sized, T extends z.ZodType>(
  message: Message,
  schema: T,
  context: AnswerContext<C>,
): { changes: C[]; end: z.output<T> } {
  expectKind(message, 'page', context)
  const { changes: found, end } = ours(context, () => context.form.decode(textOf(message)))
  const changes: C[] = []
  for (const change of found) {
    if (isProblem(change)) throw unacceptable(change.id, change.problem, context)
    changes.push(change)
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

function unacceptable<C extends Sized>(
  id: string,
  problem: string,
  { url, operation, form }: AnswerContext<C>,
): RejoinError {
  return new RejoinError('invalid_event', `${form.noun} "${id}" from ${url}: ${problem}`, {
    operation,
    component: 'transport/websocket',
    details: { url, id },
  })
}
