import { parseCursor } from '../../../version/index.ts'
import type { Answer } from '../answer.ts'
import type { Call } from '../route.ts'
import type { CompatContext } from './context.ts'
import { jsonText, refusal } from './go-answer.ts'
import { afterOf } from './versions.ts'
import { visiblePage, type Wanted } from './visible-page.ts'

/**
 * `GET pull?since=V`: the events after a version. Without `limit` (1 to 1,000) as many as fit; `type`,
 * `aggregate_id` and `tenant` (or the header X-SyncKit-Tenant) choose among them, as in later releases.
 */
export async function pull(context: CompatContext, { request, url }: Call): Promise<Answer> {
  const { list } = await visiblePage(context, wantedBy(context, request, url), request.signal)
  return jsonText(`[${list}]`)
}

/** `GET latest-version`: the version of the last entry, as a JSON string. */
export async function latestVersion(
  { log, versions, emptyVersion }: CompatContext,
  { request }: Call,
): Promise<Answer> {
  const { end } = await log.identity(request.signal)
  const position = parseCursor(end)?.position
  const isEmpty = position === undefined && emptyVersion === '-1'
  return jsonText(JSON.stringify(isEmpty ? emptyVersion : versions.format(position ?? 0n)))
}

function wantedBy({ versions }: CompatContext, request: Request, url: URL): Wanted {
  const { searchParams } = url
  const since = searchParams.get('since') || undefined
  const number = since === undefined ? 0n : versions.parse(since)
  if (number === undefined || number >= 2n ** 63n)
    throw refusal(400, `invalid 'since' version: ${JSON.stringify(since?.slice(0, 40))}`)
  const given = (name: string) => searchParams.get(name) || undefined
  const [type, aggregateId] = [given('type'), given('aggregate_id')]
  const tenant = request.headers.get('x-synckit-tenant') || given('tenant')
  const limit = given('limit')
  return {
    after: afterOf(number),
    ...(limit !== undefined && { count: limitOf(limit) }),
    ...(type !== undefined && { type }),
    ...(aggregateId !== undefined && { aggregateId }),
    ...(tenant !== undefined && { tenant }),
  }
}

function limitOf(limit: string): number {
  if (/^[0-9]{1,4}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= 1000)
    return Number(limit)
  throw refusal(400, "invalid 'limit': a whole number from 1 to 1000")
}
