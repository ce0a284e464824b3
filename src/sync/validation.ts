import type { StandardIssue, StandardResult, StandardSchema } from '../contracts/index.ts'
import { fields, unwanted, type Where } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { type NewEvent, snapshotType } from '../event/index.ts'
import { parseJson } from '../json/index.ts'
import { untilAborted } from '../transport/remote/index.ts'
import { isStandardSchema, pathOf } from './standard-schema.ts'
import type { EventMap } from './typed-events.ts'

/** Schemas for the data of events, by event type. */
export type EventSchemas<Events extends EventMap> = {
  readonly [Type in keyof Events]?: StandardSchema<Events[Type]>
}

/** What becomes of an event whose type has no schema. */
export type UnknownTypes = 'pass' | 'refuse'

/**
 * Checks events before they are appended. What a schema sees is the data as it will be read back, from JSON;
 * what it makes of it (defaults, conversions) is not stored.
 */
export class Validation {
  readonly #schemas: Readonly<Record<string, StandardSchema>>
  readonly #unknownTypes: UnknownTypes

  constructor(schemas: Readonly<Record<string, StandardSchema>>, unknownTypes: UnknownTypes) {
    this.#schemas = { ...schemas }
    this.#unknownTypes = unknownTypes
  }

  /**
   * The events to append. Rejects with `invalid_event` for the first that its schema refuses, with
   * `internal` for a schema that fails, and with the signal's reason.
   */
  async checked(
    events: readonly NewEvent[],
    signal: AbortSignal | undefined,
  ): Promise<readonly NewEvent[]> {
    // What is no list, or no event, the store refuses in its own words.
    if (!Array.isArray(events)) return events
    const checked: NewEvent[] = []
    for (const [index, event] of events.entries())
      checked.push(await this.#checked(event, index, signal))
    return checked
  }

  async #checked(event: NewEvent, index: number, signal?: AbortSignal): Promise<NewEvent> {
    const type: unknown = event?.type
    if (typeof type !== 'string') return event
    const schema = Object.hasOwn(this.#schemas, type) ? this.#schemas[type] : undefined
    if (schema === undefined) {
      if (this.#unknownTypes === 'refuse' && type !== snapshotType)
        throw refused(event, index, [unknownType])
      return event
    }
    const { data, ...rest } = event
    if (data !== undefined && rest.dataText !== undefined) return event
    // As text from here on: an object might change between this look and the store's.
    const dataText = rest.dataText ?? textOf(data, index)
    const { issues } = await verdict(schema, event, parsed(dataText, index), signal)
    if (issues !== undefined) throw refused(event, index, issues)
    return { ...rest, dataText }
  }
}

export function checkSchemas(given: unknown, where: Where): void {
  const schemas = fields('validation', given as Readonly<Record<string, unknown>>, where)
  for (const [type, schema] of Object.entries(schemas))
    if (schema !== undefined && !isStandardSchema(schema))
      throw unwanted(`validation["${type}"]`, schema, 'a Standard Schema', where)
}

async function verdict(
  schema: StandardSchema,
  { type }: NewEvent,
  value: unknown,
  signal: AbortSignal | undefined,
): Promise<StandardResult> {
  try {
    const answer = schema['~standard'].validate(value)
    if (!(answer instanceof Promise)) return answer
    return await (signal === undefined ? answer : untilAborted(signal, answer))
  } catch (cause) {
    signal?.throwIfAborted()
    const message = `the schema for "${type}" failed: ${(cause as Error | undefined)?.message}`
    throw new RejoinError('internal', message, { ...where, cause, details: { type } })
  }
}

function refused({ type }: NewEvent, index: number, issues: readonly StandardIssue[]): RejoinError {
  const problems = issues.slice(0, mostIssues).map((one) => `${pathOf(one)}: ${one.message}`)
  const more = issues.length > mostIssues ? `; and ${issues.length - mostIssues} more` : ''
  const message = `event ${index} ("${type}"): ${problems.join('; ') || 'refused by its schema'}${more}`
  const path = issues[0] === undefined ? 'data' : pathOf(issues[0])
  return new RejoinError('invalid_event', message, {
    ...where,
    details: { index, type, path, issues: problems },
  })
}

function textOf(data: unknown, index: number): string {
  try {
    const text: string | undefined = JSON.stringify(data ?? null)
    if (text !== undefined) return text
  } catch (cause) {
    throw notJson(index, 'data', cause)
  }
  throw notJson(index, 'data')
}

function parsed(text: string, index: number): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    throw notJson(index, 'dataText', cause)
  }
}

function notJson(index: number, field: string, cause?: unknown): RejoinError {
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  return new RejoinError('invalid_event', `event ${index}: ${field} has no JSON form${why}`, {
    ...where,
    cause,
    details: { index, field },
  })
}

const unknownType: StandardIssue = { message: 'its type has no schema here' }
const mostIssues = 5
const where = { operation: 'append', component: 'sync' }
