import type { StateObject } from '../../../contracts/index.ts'
import { dataPatch, replaced } from './data-patch.ts'

/** The operations that turn an object on the wire into another of the same path. */
export function objectPatch(
  pointer: string,
  before: StateObject,
  after: StateObject,
): readonly string[] {
  const found: string[] = []
  for (const name of ['created', 'updated'] as const)
    if (before[name] !== after[name]) found.push(replaced(`${pointer}/${name}`, `${after[name]}`))
  for (const one of dataPatch(`${pointer}/data`, before.dataText, after.dataText)) found.push(one)
  return found
}
