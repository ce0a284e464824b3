import type { StateObject } from '../../../contracts/index.ts'
import { dataPatch, replaced } from './data-patch.ts'

/** The operations that turn an object on the wire into another of the same path. */
export function objectPatch(pointer: string, before: StateObject, after: StateObject): string[] {
  const found: string[] = []
  for (const name of ['created', 'updated'] as const)
    if (before[name] !== after[name]) found.push(replaced(`${pointer}/${name}`, `${after[name]}`))
  const inData = dataPatch(`${pointer}/data`, before.dataText, after.dataText)
  const bytes = inData.reduce((sum, one) => sum + one.length, 0)
  if (bytes > after.dataText.length + overhead)
    found.push(replaced(`${pointer}/data`, after.dataText))
  else found.push(...inData)
  return found
}

/** What an operation has besides its value. */
const overhead = 60
