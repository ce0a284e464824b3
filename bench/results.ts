import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Case } from './benchmark.ts'
import type { Outcome } from './contest.ts'
import type { Machine } from './machine.ts'

/** The outcome of one case, and where it was taken. */
export interface Result extends Outcome {
  readonly id: string
  readonly name: string
  readonly work: string
  readonly aim: Case['aim']
  readonly met: boolean | undefined
  readonly machine: Machine
  /** Processes that wanted to run when it began. */
  readonly load: number
}

/** Whether the median keeps the aim; undefined where there is none. */
export function isMet({ of, value }: Case['aim'], { ratio }: Outcome): boolean | undefined {
  if (value === undefined) return undefined
  return of !== 'speed' ? ratio.median <= value : ratio.median >= value
}

/** Results in a file: a case measured again takes the place of its former result, the others stay. */
export function keepResults(path: string, fresh: readonly Result[]): readonly Result[] {
  const known = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Result[]) : []
  const key = ({ id, name }: Result) => `${id} ${name}`
  const merged = new Map([...known, ...fresh].map((one) => [key(one), one]))
  const results = [...merged.values()].sort((one, other) => one.id.localeCompare(other.id))
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`)
  return results
}
