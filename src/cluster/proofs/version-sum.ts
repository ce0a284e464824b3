import type { StateChange } from '../../contracts/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { type Sum, sumOfHash } from './sum.ts'

/** Of one version of a path: of every byte of it that replicas agree on. */
export function sumOfVersion(
  { path, created, updated, dataText, note }: StateChange,
  { sha256 }: Pick<Runtime, 'sha256'>,
): Sum {
  // A note is one line, and JSON has no line breaks outside of its tokens: nothing can be read two ways.
  return sumOfHash(sha256(`${path}\n${created}\n${updated}\n${note}\n${dataText}`))
}
