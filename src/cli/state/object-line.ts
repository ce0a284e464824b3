import type { StateObject } from '../../client/index.ts'
import { visible } from '../terminal/text-width.ts'

/** An object as one line: where, and what stands there; or, as JSON, all of it digit for digit. */
export function objectLine(object: StateObject, asJson: boolean): string {
  return asJson ? object.text : `${object.path}  ${visible(object.dataText)}`
}

export function goneLine(path: string, asJson: boolean): string {
  return asJson ? JSON.stringify({ path, deleted: true }) : `${path}  (nothing)`
}
