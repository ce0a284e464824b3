import { aFunction, fields, unwanted, type Where } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { parseJson } from '../json/index.ts'
import type { LogEvent } from './log-event.ts'

/**
 * How data of older schema versions is read, by event type. Of each list, the first takes data of version 1
 * and gives version 2, the next takes that, and so on: a type's current version is the list's length plus
 * one, and the last gives what the type has today. A type without a list is at version 1.
 */
export type Upcasters<Events extends object> = {
  readonly [Type in keyof Events & string]?: UpcastSteps<Events[Type]>
}

/** From each version to the next, beginning with version 1; the last gives today's data. */
export type UpcastSteps<Data> = readonly [...UpcastStep[], UpcastStep<Data>] | readonly []

/**
 * From one version's data to the next one's. Pure: the same data gives the same result on every node, now and
 * later. The data is its own to change. `event` is the event as it was written.
 */
export type UpcastStep<Next = unknown> = (data: never, event: LogEvent) => Next

/** An event as the code of today understands it. */
export interface Upcasted {
  readonly type: string
  readonly data: unknown
  /** The current one of its type. */
  readonly schemaVersion: number
}

/**
 * Reads an event in its type's current schema version; what is stored and sent never changes. `newer`: it was
 * written by newer code than this, so its data can't be understood here before the upgrade. Stubs pass, with
 * no data. Throws `internal`, naming event and version, for a step that throws or answers nothing.
 */
export type Upcast = (event: LogEvent) => Upcasted | 'newer'

/** What upcasters know of schema versions. */
export interface Upcaster {
  readonly upcast: Upcast
  /** The version that this code writes and reads of a type. */
  current(type: string): number
}

/** Checks upcasters, and throws `invalid_argument` naming what is no list of functions. */
export function upcasterOf(
  upcasters: Readonly<Record<string, readonly UpcastStep[] | undefined>>,
  where: Where,
): Upcaster {
  const known = new Map(
    Object.entries(fields('upcasters', upcasters, where)).map(
      ([type, steps]) => [type, checkedSteps(type, steps, where)] as const,
    ),
  )
  const stepsOf = (type: string) => known.get(type) ?? noSteps
  const current = (type: string) => stepsOf(type).length + 1
  const upcast = (event: LogEvent) => {
    const { type, schemaVersion, stub } = event
    if (stub !== null || schemaVersion === current(type))
      return { type, data: event.data, schemaVersion }
    if (schemaVersion > current(type)) return 'newer'
    return { type, data: raised(event, stepsOf(type)), schemaVersion: current(type) }
  }
  return { current, upcast }
}

function checkedSteps(type: string, steps: unknown, where: Where): readonly UpcastStep[] {
  const name = `upcasters[${JSON.stringify(type)}]`
  if (steps === undefined) return noSteps
  if (!Array.isArray(steps))
    throw unwanted(name, steps, 'a list of functions, the first from version 1 to 2', where)
  // Not `forEach`, which passes over holes.
  for (const [at, step] of steps.entries())
    aFunction(`${name}[${at}], from version ${at + 1} to ${at + 2},`, step, where)
  return [...steps] as readonly UpcastStep[]
}

/** From a parse of its own: what `event.data` answers is shared, and stays as it was written. */
function raised(event: LogEvent, steps: readonly UpcastStep[]): unknown {
  let data: unknown = parseJson(event.dataText)
  for (const [at, step] of steps.entries())
    if (at + 1 >= event.schemaVersion) data = next(step, data, event, at + 1)
  return data
}

function next(step: UpcastStep, data: unknown, event: LogEvent, version: number): unknown {
  let answer: unknown
  try {
    answer = step(data as never, event)
  } catch (cause) {
    throw failed(event, version, String((cause as Error | undefined)?.message), cause)
  }
  if (answer === undefined) throw failed(event, version, 'it answered nothing')
  if (answer instanceof Promise) throw failed(event, version, 'it answered a promise')
  return answer
}

function failed({ id, type }: LogEvent, version: number, why: string, cause?: unknown) {
  const step = `the upcaster of "${type}" from version ${version}`
  return new RejoinError('internal', `${step} failed on event ${id}: ${why}`, {
    operation: 'upcast',
    component: 'event',
    cause,
    details: { id, type, version },
  })
}

const noSteps: readonly UpcastStep[] = []
