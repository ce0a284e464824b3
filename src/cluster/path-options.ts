import { patternProblem } from '../contracts/index.ts'
import { text, unwanted } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { at } from './configuration/check-options.ts'
import type { Membership } from './membership/membership.ts'

/** Which path is meant: in the storage that its key lives in, or `main`, unless another one is named. */
export interface PathOptions {
  readonly storage?: string
  readonly signal?: AbortSignal
}

/**
 * The storage that is meant. Throws `invalid_argument` for what can't be a path or a pattern, and for a storage that is
 * none: nobody would be told that it never matched anything.
 */
export function storageMeant(
  operation: string,
  membership: Membership,
  path: string,
  { storage }: PathOptions,
): string {
  const where = at(operation)
  if (storage !== undefined) checkStorage(membership, operation, storage)
  text('path', path, where)
  const key = membership.keyOf(path)
  // What is under a key is one.
  const problem = key === undefined ? patternProblem(path) : undefined
  if (problem !== undefined)
    throw new RejoinError(
      'invalid_argument',
      `path ${JSON.stringify(path.slice(0, 100))} ${problem}`,
      { ...where, details: { option: 'path' } },
    )
  return storage ?? key?.storage ?? 'main'
}

/** Throws `invalid_argument` for a storage that is none. */
export function checkStorage(membership: Membership, operation: string, storage: string): void {
  const { storages } = membership
  if (storages.find(storage) === undefined)
    throw unwanted('storage', storage, `one of ${storages.names.join(', ')}`, at(operation))
}
