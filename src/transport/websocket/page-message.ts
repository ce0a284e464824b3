import type { ChangePage } from '../../contracts/index.ts'
import { type ChangeForm, oncePerPage, type Sized } from '../remote/index.ts'
import { pageText } from '../remote/page.ts'
import { encodeMessage, forCall } from './message.ts'

/** Pages as messages. */
export interface PageMessages<C> {
  /** For one reader. */
  one(page: ChangePage<C>, id: number): Uint8Array<ArrayBuffer>
  /**
   * For many readers: the same bytes for all that call their subscription by one number. As everybody takes
   * the lowest that is free, nearly all do.
   */
  shared(page: ChangePage<C>, id: number): Uint8Array<ArrayBuffer>
}

export function pageMessages<C extends Sized>(form: ChangeForm<C>): PageMessages<C> {
  const one = (page: ChangePage<C>, id: number) => {
    if (page.kind === 'reset') return encodeMessage('page', id, pageText(form, [], { reset: true }))
    const { changes, cursor, more, leftOut } = page
    const end = { cursor, more, ...(leftOut && { leftOut }) }
    return encodeMessage('page', id, pageText(form, changes, end))
  }
  const shared = oncePerPage((page: ChangePage<C>) => {
    let bytes: Uint8Array<ArrayBuffer> | undefined
    return (id: number) => {
      bytes ??= one(page, id)
      return bytes
    }
  })
  return { one, shared: (page, id) => forCall(shared(page)(id), id) }
}
