import { z } from 'zod'
import { longestPath } from '../../contracts/index.ts'
import type { Comparison } from './comparison.ts'

const bound = z.string().max(longestPath)
const sum = z.string().regex(/^[\w-]{22}$/, 'is no fingerprint')
const end = bound.nullable()

const stretch = z.union([
  z.tuple([end]),
  z.tuple([end, z.int().nonnegative(), sum]),
  z.tuple([end, z.array(z.tuple([bound, sum])).max(10_000)]),
])

/** A message of a comparison, from elsewhere. */
export const comparisonSchema: z.ZodType<Comparison> = z
  .array(stretch)
  .min(1)
  .max(100_000)
  .refine(isInOrder, 'its stretches must follow one another, to the end')

function isInOrder(stretches: Comparison): boolean {
  let from = ''
  return stretches.every(([to], at) => {
    if (to === null) return at === stretches.length - 1
    const isAfter = to > from
    from = to
    return isAfter && at < stretches.length - 1
  })
}
