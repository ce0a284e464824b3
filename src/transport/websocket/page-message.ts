import type { ChangePage } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import { oncePerPage } from '../remote/index.ts'
import { pageText } from '../remote/page.ts'
import { encodeMessage, forCall } from './message.ts'

type Pages = ChangePage<LogEvent>

/** A page for one reader. */
export function pageMessage(page: Pages, id: number): Uint8Array<ArrayBuffer> {
  if (page.kind === 'reset') return encodeMessage('page', id, pageText([], { reset: true }))
  const { changes, cursor, more, leftOut } = page
  const end = { cursor, more, ...(leftOut && { leftOut }) }
  return encodeMessage('page', id, pageText(changes, end))
}

/**
 * A page for many readers: the same bytes for all that call their subscription by one number. As everybody
 * takes the lowest that is free, nearly all do.
 */
export function sharedPageMessage(page: Pages, id: number): Uint8Array<ArrayBuffer> {
  return forCall(shared(page)(id), id)
}

const shared = oncePerPage((page) => {
  let bytes: Uint8Array<ArrayBuffer> | undefined
  return (id: number) => {
    bytes ??= pageMessage(page, id)
    return bytes
  }
})
