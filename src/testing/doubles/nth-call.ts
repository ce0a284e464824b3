import { wholeNumber } from '../../errors/check.ts'
import type { When } from './script.ts'

/** Asked at each call, tells whether it is meant: the n-th from now on, or every one. */
export function nthCall({ nth }: When): () => boolean {
  const wanted = nth === undefined ? undefined : wholeNumber('nth', nth, where, { from: 1 })
  let seen = 0
  return () => {
    seen++
    return wanted === undefined || wanted === seen
  }
}

const where = { operation: 'script', component: 'testing/doubles' }
