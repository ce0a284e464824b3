import type { z } from 'zod'
import { RejoinError } from '../../errors/index.ts'
import { type ChangeForm, type DecodedPage, isProblem, type Sized } from '../remote/index.ts'
import { parsed } from '../remote/parsed.ts'
import type { Incoming } from './exchange.ts'
import { notOurs } from './failure.ts'
import { framesType, jsonType, mediaType } from './media.ts'

export interface AnswerContext {
  readonly operation: string
  readonly base: string
}

/** The same for answers that hold changes. */
export interface PageContext<C extends Sized> extends AnswerContext {
  readonly form: ChangeForm<C>
}

/** An answer in JSON; throws `protocol` when it is something else. */
export function readJson<T extends z.ZodType>(
  answer: Incoming,
  schema: T,
  context: AnswerContext,
): z.output<T> {
  const text = textOf(answer, jsonType, context)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw refusing(context, 'the answer is not JSON', cause)
  }
  return parsed(schema, value, (problem) => refusing(context, problem))
}

/**
 * A page of changes. Throws `network` when it breaks off, `protocol` when it is something else, and
 * `invalid_event` for a change that breaks a rule here: to go on without it would lose it.
 */
export function readPage<C extends Sized, T extends z.ZodType>(
  answer: Incoming,
  schema: T,
  context: PageContext<C>,
): { changes: C[]; end: z.output<T> } {
  return pageIn(textOf(answer, framesType, context), schema, context)
}

/** The same for a page whose text is here. */
export function pageIn<C extends Sized, T extends z.ZodType>(
  text: string,
  schema: T,
  context: PageContext<C>,
): { changes: C[]; end: z.output<T> } {
  const { changes: found, end } = decoded(text, context)
  const changes: C[] = []
  for (const change of found) {
    if (isProblem(change)) throw unacceptable(change.id, change.problem, context)
    changes.push(change)
  }
  return {
    changes,
    end: parsed(schema, end, (problem) => refusing(context, `end line: ${problem}`)),
  }
}

export function refusing(
  { operation, base }: AnswerContext,
  problem: string,
  cause?: unknown,
): RejoinError {
  return notOurs(operation, base, problem, { cause })
}

function decoded<C extends Sized>(text: string, context: PageContext<C>): DecodedPage<C> {
  try {
    return context.form.decode(text)
  } catch (cause) {
    const lastLine = text.slice(text.lastIndexOf('\n', text.length - 2) + 1)
    if (!lastLine.startsWith('{"end":')) throw brokenOff(context, cause)
    throw refusing(context, (cause as Error).message, cause)
  }
}

function textOf(answer: Incoming, type: string, context: AnswerContext): string {
  const found = mediaType(answer.headers)
  if (found !== type) throw refusing(context, `the answer is ${found || 'untyped'}, not ${type}`)
  // Before it is decoded: it may break off in the middle of a character.
  if (type === framesType && answer.bytes.at(-1) !== lineFeed) throw brokenOff(context)
  try {
    return decoder.decode(answer.bytes)
  } catch (cause) {
    throw refusing(context, 'the answer is not UTF-8', cause)
  }
}

function brokenOff({ base, operation }: AnswerContext, cause?: unknown): RejoinError {
  return new RejoinError('network', `the answer of ${base} breaks off`, {
    operation,
    component,
    cause,
    retryable: true,
    details: { url: base },
  })
}

function unacceptable<C extends Sized>(
  id: string,
  problem: string,
  { base, operation, form }: PageContext<C>,
): RejoinError {
  return new RejoinError('invalid_event', `${form.noun} "${id}" from ${base}: ${problem}`, {
    operation,
    component,
    details: { url: base, id },
  })
}

const component = 'transport/http'
const lineFeed = 10
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
