import { StateObject } from '../../contracts/index.ts'
import type { JsonText } from '../../json/json-text.ts'
import { jsonTextOf } from '../../json/json-text.ts'

/**
 * What a server does with requests to paths under one pattern. Of several patterns that match, the most
 * specific one that has the function counts. What a function throws refuses the request, with its message.
 * Calls on the tree itself pass no filter, except that a `limit` holds for them too.
 */
export interface StateFilter {
  /** Serves these paths in static mode, with no function needed. */
  readonly open?: boolean

  /**
   * Sees what would be written, of a patch its result, as an object that is not there yet; the path of a push
   * ends in `*`. Gives other data to write, or `undefined` for this.
   */
  readonly write?: (draft: StateObject) => unknown

  /** After a write, before it is answered. What it throws is logged. */
  readonly afterWrite?: (object: StateObject) => unknown

  /**
   * What GET and subscribers see of an object, alone and, unless `readList` decides, in lists; `undefined`
   * hides it. A pure function of the object, and synchronous: its result goes to all subscribers. `withData`
   * makes another object of one.
   */
  readonly readObject?: (object: StateObject) => StateObject | undefined

  /**
   * What they see of a list: some of the objects, others made of them, in whatever order. Pure and synchronous
   * too, and asked at each change under the pattern.
   */
  readonly readList?: (objects: readonly StateObject[]) => readonly StateObject[]

  /** Before a delete, of one path or of a pattern. */
  readonly delete?: (path: string) => unknown

  /** How much of it is kept, whoever writes. */
  readonly limit?: StateLimit
}

/** Which objects under a pattern are deleted because newer ones came, or time went by. */
export interface StateLimit {
  /** Most objects; of more, those created first are deleted. A function is asked again at each write. */
  readonly count?: number | (() => number)
  /** Milliseconds an object lives from its creation. */
  readonly age?: number | (() => number)
  /** How the list is shown. Default `newest`, first. */
  readonly order?: 'newest' | 'oldest'
  /** Milliseconds after which functions are asked again without a write. Default 600,000, at least 60,000. */
  readonly cleanup?: number
}

/** The object with other data, as filters show it. Throws `invalid_argument` for what has no JSON form. */
export function withData<Data>(object: StateObject, data: Data | JsonText): StateObject<Data> {
  const { created, updated, path } = object
  return new StateObject<Data>({ created, updated, path, dataText: jsonTextOf(data) })
}
