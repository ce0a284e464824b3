import { unwanted, type Where } from '../../errors/check.ts'
import type { StateTree } from '../../state/index.ts'
import { mostDataBytes } from '../../transport/remote/change-limits.ts'

/*
 * What servers of a cluster take from each other. Not what the writers of a server may write (`dataBytes` of its tree):
 * where those differ from server to server, what one has acknowledged would be refused by another for ever. So all
 * carry the largest object that any of them can write, and a tree that could write larger ones takes no part.
 */

const mebibyte = 1024 * 1024

/** With what may go before it in a page, its note, and, among servers of the original, as base64. */
const bodyBytes = 96 * mebibyte

/** Of bodies, in both directions. */
export const carriedBodies = { bodyBytes, unpackedBytes: bodyBytes }

/** Of requests. */
export const carriedRequests = { ...carriedBodies, bufferedBytes: 2 * bodyBytes }

/** Of links. */
export const carriedChanges = { change: { dataBytes: mostDataBytes } }

/** Of links over WebSockets. */
export const carriedMessages = { ...carriedChanges, messageBytes: bodyBytes }

/** Throws `invalid_argument` for a tree that may write what does not travel. */
export function checkCarried({ dataBytes }: StateTree, where: Where): void {
  if (dataBytes <= mostDataBytes) return
  const words = `at most ${mostDataBytes}: no larger object travels between servers`
  throw unwanted("the state's dataBytes", dataBytes, words, where)
}
