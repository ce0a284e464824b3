import type { LinkId } from '../../event/index.ts'
import { type Cursor, start } from '../../version/index.ts'
import { linkRow, resetLink } from '../log/index.ts'
import type { StateContext } from './context.ts'

/**
 * A link that has pulled nothing begins where the peer said its feed ended, before anything is pushed:
 *
 *     hello ──▶ begins ──▶ push: "a duplicate, I have a delete of it" ──▶ pull from `begins`
 *                                                                          │ the delete, or reset where it is gone
 *
 * Whoever began at the start would be shown only what lives: what it pushed before, and was deleted there, would stay
 * here for good once the peer has forgotten that delete.
 */
export function beginPulling({ tables }: StateContext, peer: LinkId, begins: Cursor = start): void {
  const { pulled, pushed } = linkRow(tables, peer)
  if (begins === start || pulled !== start) return
  // Nobody knows what has been forgotten since.
  if (pushed !== start) resetLink(tables, peer)
  tables.meta.reads = true
  tables.setLink(peer, { ...linkRow(tables, peer), pulled: begins })
}
