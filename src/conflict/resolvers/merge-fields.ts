import type { Resolution, Resolver } from '../../contracts/index.ts'
import { type Fold, foldBase } from '../scope-history.ts'
import { type Change, compared } from './three-way.ts'

/**
 * Three-way merge of JSON objects, field by field. The base is what went before, merged field by field; each
 * event sets the fields it has. A field that one branch changed has that branch's value; objects are merged
 * in depth, lists and everything else are values. Where branches set a field to different values, the last of
 * these events in effective order wins, and `reasons` say so. Fields are never removed; set them to `null`.
 * Data that is no object is one value. Events of a schema
 * version newer than the code wait for the upgrade. Numbers are as `JSON.parse` reads them.
 */
export function mergeFields(): Resolver {
  return {
    name: 'merge-fields',
    resolve(conflict): Resolution {
      if (conflict.events.some(({ newer }) => newer) || foldBase(conflict, hasNewer))
        return { kind: 'review', reason: 'newer code wrote some of the events' }
      const { data, changes } = compared(conflict)
      const reasons = changes.filter(({ collides }) => collides).map(reasonOf)
      return { kind: 'merge', data, reasons }
    },
  }
}

const hasNewer: Fold<boolean> = {
  initial: false,
  step: (found, { event }) => found || event.newer,
}

function reasonOf({ path, values, winner }: Change): string {
  const shown = path.length === 0 ? 'the data' : `field ${path.map(quoted).join('.')}`
  const branches = values.map(({ at }) => at + 1)
  return `${shown} was set by branches ${branches.join(', ')}; the last write is of branch ${winner + 1}`
}

/** Dots inside a name must not look like the way to another field. */
function quoted(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name)
}
