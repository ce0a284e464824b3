import type { Receipt } from '../../../contracts/index.ts'
import type { LinkId, LogEvent } from '../../../event/index.ts'
import { type Answer, json } from '../answer.ts'
import { Refusal } from '../problem.ts'
import type { Call } from '../route.ts'
import { readCompatBody } from './body.ts'
import type { CompatContext } from './context.ts'
import { firstValue } from './first-value.ts'
import { refusal } from './go-answer.ts'
import { newcomers } from './newcomers.ts'
import { pause } from './pause.ts'
import { type CompatEvent, type CompatProblem, compatEvents } from './wire-event.ts'

/**
 * `POST push [<event>…]`: takes all of them in, or none. Everything that can be refused is refused before
 * the first write; when storage then fails midway the sender hears 503, and its repeat is completed by the
 * ids. Ids are also why an Idempotency-Key changes nothing here.
 */
export async function push(context: CompatContext, call: Call): Promise<Answer> {
  const { log, limits } = context
  const { signal } = call.request
  const events = await readEvents(await readCompatBody(call, context), context, signal)
  const changes = await newcomers(context, events, signal)
  for (let at = 0; at < changes.length; at += limits.count) {
    const some = changes.slice(at, at + limits.count)
    const batch = { via: compatClients, role: 'pushed', changes: some, orphans: 'adopt' } as const
    const applied = await log.apply(batch, signal)
    const receipts = applied.kind === 'applied' ? applied.receipts : []
    for (const [index, receipt] of receipts.entries()) confirm(receipt, some[index])
  }
  return json(200, { status: 'ok' })
}

async function readEvents(
  body: string,
  { limits, runtime, versions }: CompatContext,
  signal: AbortSignal,
): Promise<readonly LogEvent[]> {
  const text = firstValue(body)
  const isVersion = (version: string) => version === '' || versions.parse(version) !== undefined
  const reading = { limits: limits.event, runtime, isVersion }
  const events: LogEvent[] = []
  for (const entry of compatEvents(text, { from: 0, to: text.length }, reading)) {
    events.push(acceptable(entry, events.length))
    if (events.length % stretch !== 0) continue
    await pause(runtime)
    signal.throwIfAborted()
  }
  return events
}

function acceptable(entry: CompatEvent | CompatProblem, index: number): LogEvent {
  if ('problem' in entry) throw refusal(400, `event ${index}: ${entry.problem}`, 'invalid_event')
  if (entry.event.origin !== compatClients) return entry.event
  throw refusal(400, `event ${index}: its origin is reserved`, 'invalid_event')
}

/** Only what came in between the look and the write can be refused this late. */
function confirm(receipt: Receipt, event: LogEvent | undefined): void {
  if (receipt.kind !== 'rejected') return
  const isConflict = receipt.reason === 'id_conflict'
  const code = isConflict ? 'id_conflict' : 'invalid_event'
  const message = `event ${JSON.stringify(event?.id)}: ${receipt.message}`
  throw new Refusal(isConflict ? 409 : 400, { code, message })
}

/** go-sync-kit's clients don't say who they are, so they are one peer. */
export const compatClients = 'go-sync-kit-clients~0000000000000000' as LinkId

/** Some milliseconds of reading. */
const stretch = 500
