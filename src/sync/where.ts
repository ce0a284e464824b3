import type { Where } from '../errors/check.ts'

/** Where the checks of this room stand. */
export function at(operation: string): Where {
  return { operation, component: 'sync' }
}
