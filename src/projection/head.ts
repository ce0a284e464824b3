import { RejoinError } from '../errors/index.ts'
import { type Cursor, start } from '../version/index.ts'

/** What a projection's head says, in the sink. */
export interface Head {
  /** What is read. */
  readonly serving?: Build
  /** What is to be read once it has come to the end of the log. */
  readonly building?: Build
  /** The last number given to a build. */
  readonly builds: number
  /** Builds whose entries are still to be removed. */
  readonly dropping: readonly number[]
  /** Grows with each commit, so that no two heads are the same. */
  readonly revision: number
}

/** One making of a read model from the log's first event on. */
export interface Build {
  readonly id: number
  readonly version: number
  /** Which rules decided on conflicts. */
  readonly rules: string
  /** How far the log is folded. */
  readonly cursor: Cursor
  /** Events looked at so far, repeated ones each time. */
  readonly events: number
  /** Some aggregate has events without causality, or a snapshot: its order is not that of its stamps. */
  readonly foreign: boolean
}

export const emptyHead: Head = { builds: 0, dropping: [], revision: 0 }

export function parseHead(text: string | undefined): Head {
  if (text === undefined) return emptyHead
  try {
    return JSON.parse(text) as Head
  } catch (cause) {
    const message = 'the head of a projection makes no sense: its sink has changed it'
    const where = { operation: 'read', component: 'projection' }
    throw new RejoinError('storage_damaged', message, { ...where, cause })
  }
}

/** The head with a new build in place of any that was under way. */
export function withBuild(head: Head, version: number, rules: string): Head {
  const { serving, building, dropping } = head
  const id = head.builds + 1
  const left = building === undefined ? dropping : [...dropping, building.id]
  const fresh: Build = { id, version, rules, cursor: start, events: 0, foreign: false }
  const revision = head.revision + 1
  return { ...(serving && { serving }), building: fresh, builds: id, dropping: left, revision }
}

/** The head with the finished build in place of the one that was read. */
export function swapped({ serving, builds, dropping, revision }: Head, built: Build): Head {
  const left = serving === undefined ? dropping : [...dropping, serving.id]
  return { serving: built, builds, dropping: left, revision: revision + 1 }
}

/** The head with this build further on. */
export function forwarded(head: Head, build: Build): Head {
  const revision = head.revision + 1
  const isBuilding = head.building?.id === build.id
  return { ...head, ...(isBuilding ? { building: build } : { serving: build }), revision }
}

/** What a build keeps, each in a space of its own. */
export const kinds = [
  /** By key: its record. */
  'results',
  /** By key: which checkpoints there are. */
  'marks',
  /** By key and place: the record as of there. */
  'checkpoints',
  /** By key and place: its events. */
  'members',
  /** By event: its key and place. */
  'ids',
  /** By aggregate: its heads, and whether it has events without causality. */
  'aggregates',
  /** By key and place: what is set aside. */
  'dead',
] as const
export type Kind = (typeof kinds)[number]

export function spaceOf(build: number, kind: Kind): string {
  return `${build}.${kind}`
}
