import { RejoinError } from '../../errors/index.ts'

/** A patch that does not fit what stands there: nothing changes. */
export function unfit(at: string, why: string): RejoinError {
  const place = at === '' ? 'the whole' : at
  return new RejoinError('invalid_argument', `the patch does not fit at ${place}: ${why}`, {
    operation: 'patch',
    component: 'state',
    details: { at },
  })
}
