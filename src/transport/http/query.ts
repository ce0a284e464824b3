import { z } from 'zod'
import { RejoinError } from '../../errors/index.ts'
import { start } from '../../version/index.ts'
import { parsed, shown } from '../remote/parsed.ts'
import { originSchema, ownCursor } from '../remote/wire.ts'

const whole = z
  .string()
  .regex(/^[1-9][0-9]{0,14}$/, 'is not a whole number above 0')
  .transform(Number)

export const helloQuery = z.strictObject({ origin: originSchema.optional() })
export const pushQuery = z.strictObject({ origin: originSchema })
export const noQuery = z.strictObject({})
export const pullQuery = z.strictObject({
  after: ownCursor.default(start),
  count: whole.default(1000),
  bytes: whole.default(1024 * 1024),
  'not-via': originSchema.optional(),
})
/** Of a stream: what came from one reader is left out for nobody, because all of them share what is read. */
export const streamQuery = pullQuery.omit({ 'not-via': true }).extend({
  filter: z.string().optional(),
})

/** Reads the query of a URL; throws `invalid_argument` naming what is wrong, unknown or given twice. */
export function readQuery<T extends z.ZodType>(schema: T, url: URL): z.output<T> {
  const given: Record<string, string> = Object.create(null)
  for (const [name, value] of url.searchParams) {
    if (name in given) throw refusedQuery(`${shown(name)} is given twice`)
    given[name] = value
  }
  return parsed(schema, { ...given }, refusedQuery)
}

/** A request whose address or headers make no sense. */
export function refusedQuery(problem: string): RejoinError {
  return new RejoinError('invalid_argument', `query: ${problem}`, {
    operation: 'serve',
    component: 'transport/http',
  })
}
