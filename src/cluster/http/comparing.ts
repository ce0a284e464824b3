import { z } from 'zod'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { addressOf } from '../../transport/http/address.ts'
import { type Answer, json } from '../../transport/http/answer.ts'
import { Exchange, type HeaderSource } from '../../transport/http/exchange.ts'
import { defaultStateTransfer, transferLimits } from '../../transport/http/limits.ts'
import { jsonType } from '../../transport/http/media.ts'
import { readJson } from '../../transport/http/read-answer.ts'
import { type BodyContext, readJsonBody } from '../../transport/http/request-body.ts'
import type { Call } from '../../transport/http/route.ts'
import { stateBase } from '../../transport/remote/state-base.ts'
import type { Compared } from '../peer-network.ts'
import type { Comparison } from '../proofs/comparison.ts'
import { comparisonSchema } from '../proofs/message.ts'

const askedSchema = z.strictObject({ key: z.string().max(1_024), stretches: comparisonSchema })
const answeredSchema = z.object({ stretches: comparisonSchema })

/** Answers one message. */
export async function answerComparison(
  call: Call,
  context: BodyContext,
  compare: (key: string, asked: Comparison, signal: AbortSignal) => Promise<Comparison>,
): Promise<Answer> {
  const { key, stretches } = await readJsonBody(call, context, askedSchema)
  return json(200, { stretches: await compare(key, stretches, call.request.signal) })
}

export interface AskingOptions {
  readonly url: string
  readonly headers: HeaderSource | undefined
  readonly timeout: number
  readonly fetch?: typeof fetch
  readonly runtime?: Runtime
}

/** Asks the server at an address for its answer to one message. */
export async function askComparison(
  { url, headers, timeout, fetch: given, runtime = systemRuntime }: AskingOptions,
  asked: Compared,
  signal: AbortSignal,
): Promise<Comparison> {
  const { storage, ...body } = asked
  const address = addressOf(url, stateBase(storage, where))
  const exchange = new Exchange({
    ...{ address, headers, timeout, runtime },
    fetch: given ?? fetch,
    limits: transferLimits({}, defaultStateTransfer),
    compress: !address.isLocal,
    threshold: 1_024,
  })
  try {
    const bytes = new TextEncoder().encode(JSON.stringify(body))
    const outgoing = { operation: 'compare', path: 'compare', body: { type: jsonType, bytes } }
    return await exchange.send(outgoing, signal, (answer) => {
      const context = { operation: 'compare', base: address.base }
      return readJson(answer, answeredSchema, context).stretches
    })
  } finally {
    await exchange.close()
  }
}

const where = { operation: 'compare', component: 'cluster' }
