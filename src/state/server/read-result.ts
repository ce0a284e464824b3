import { StateObject } from '../../contracts/index.ts'
import { StateRefusal } from './refusal.ts'

/** What `readObject` has answered. Throws a refusal for what nobody can be shown, such as a promise. */
export function objectAnswered(result: unknown): StateObject | undefined {
  if (result === undefined || result instanceof StateObject) return result
  throw unfit('readObject', result, 'the object, what withData makes of it, or undefined')
}

/** What `readList` has answered: as above. */
export function listAnswered(result: unknown): readonly StateObject[] {
  if (Array.isArray(result) && result.every((one) => one instanceof StateObject)) return result
  throw unfit('readList', result, 'a list of objects, as they are or as withData makes them')
}

function unfit(name: string, result: unknown, wanted: string): StateRefusal {
  if (!(result instanceof Promise)) return refusal(name, wanted)
  // Nobody else hears of what it comes to.
  result.catch(() => {})
  return refusal(name, `${wanted}, and no promise of it`)
}

function refusal(name: string, wanted: string): StateRefusal {
  return new StateRefusal(500, `a filter ${name} has to answer ${wanted}`)
}
