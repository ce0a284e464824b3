import { MemoryStateTables } from '../../../store/memory/state/memory-state-tables.ts'
import type { StateMeta, StateTables } from '../../../store/state/index.ts'
import { override } from '../override.ts'

/** Tables in memory that tell what is changed in them, so that it can be written down and done again. */
export interface RecordedTables {
  readonly tables: StateTables
  /** What was done since the last time it was asked; `undefined` for nothing. As one record of a journal. */
  take(): string | undefined
}

/** The tables that these records lead to; for none of them, new ones. */
export function recordedTables(
  records: readonly string[],
  fresh: () => StateMeta,
  /** Before it is done. */
  onDeed: (deed: Deed) => void,
): RecordedTables {
  const read = records.map(recordOf)
  const first = read[0]?.meta ?? fresh()
  const tables = new MemoryStateTables({ ...first })
  for (const { meta, deeds } of read) {
    for (const { name, args } of deeds) act(tables, name, args)
    Object.assign(tables.meta, meta)
  }
  const done: Deed[] = []
  let written = read.length === 0 ? '' : textOf(tables.meta)
  const recording = Object.fromEntries(
    deedNames.map((name) => [
      name,
      (...args: readonly unknown[]) => {
        onDeed({ name, args })
        done.push({ name, args })
        return act(tables, name, args)
      },
    ]),
  )
  return {
    tables: override<StateTables>(tables, recording),
    take() {
      const meta = textOf(tables.meta)
      if (done.length === 0 && meta === written) return undefined
      written = meta
      return textOf({ meta: tables.meta, deeds: done.splice(0) })
    },
  }
}

/** One commit: what was done, in its order, and where everything stood after it. */
export interface StateRecord {
  readonly meta: StateMeta
  readonly deeds: readonly Deed[]
}

export interface Deed {
  readonly name: DeedName
  readonly args: readonly unknown[]
}

/** What a deed was done to, when it is that one. */
export function doneBy<Name extends DeedName>(
  { name, args }: Deed,
  what: Name,
): Parameters<StateTables[Name]> | undefined {
  return name === what ? (args as Parameters<StateTables[Name]>) : undefined
}

export function recordOf(text: string): StateRecord {
  return JSON.parse(text, (_, value) =>
    isBigText(value) ? BigInt(value.bigint) : value,
  ) as StateRecord
}

type DeedName = (typeof deedNames)[number]

const deedNames = [
  'put',
  'drop',
  'setCollected',
  'keepLate',
  'forgetLate',
  'setEnds',
  'addMark',
  'setMarks',
  'setLink',
  'setReader',
  'park',
  'unpark',
] as const satisfies readonly (keyof StateTables)[]

function act(tables: StateTables, name: DeedName, args: readonly unknown[]): unknown {
  return (tables[name] as (...args: readonly unknown[]) => unknown).apply(tables, [...args])
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, one) =>
    typeof one === 'bigint' ? { bigint: String(one) } : one,
  )
}

function isBigText(value: unknown): value is { readonly bigint: string } {
  return typeof value === 'object' && value !== null && 'bigint' in value
}
