import { z } from 'zod'
import type { Hello, PeerKnowledge, PushAnswer, Receipt } from '../../contracts/index.ts'
import { type EventId, idProblem, isNodeId, type Origin, parseOrigin } from '../../event/index.ts'
import { type Cursor, parseCursor, start } from '../../version/index.ts'
import type { Greeting } from './remote.ts'

/** The native protocol, whatever carries it. */
export const protocolName = 'rejoin'
export const protocolVersion = 1

/** An origin, as text from elsewhere. */
export const originSchema = z
  .string()
  .max(272)
  .refine((text) => parseOrigin(text) !== undefined, 'is not an origin')
  .transform((text) => text as Origin)

/** A cursor of our own log: only in the form that we issue. */
export const ownCursor = z
  .string()
  .max(100)
  .refine((text) => text === start || parseCursor(text) !== undefined, 'is not a cursor')
  .transform((text) => text as Cursor)

/** A cursor of the other end's log: its own business, as long as it is short and printable. */
export const foreignCursor = z
  .string()
  .max(255)
  .regex(/^[\x20-\x7e]*$/, 'is not a cursor')
  .transform((text) => text as Cursor)

// A bound only; what an id may be here, the log knows.
const largestId = 4096
const id = z
  .string()
  .refine((text) => idProblem(text, largestId) === undefined, 'is not an id')
  .transform((text) => text as EventId)
const ids = z.array(id).max(10_000)

const sequence = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,18})$/)
  .transform((text) => BigInt(text))
  .refine((number) => number < 2n ** 63n, 'is more than an int64')

/** What one end knows of the other, whose cursors these are. */
const knowledge = z.object({ received: ownCursor, pulled: ownCursor, sequence, ids })

const rulesHash = z.string().regex(/^[\w-]{1,64}$/, 'is not the hash of rules')

export const helloSchema = z.strictObject({
  origin: originSchema,
  you: knowledge.extend({ origin: originSchema }).strict().optional(),
  rules: rulesHash.exactOptional(),
})

export function helloBody({ origin, you, rules }: Hello): object {
  const known = you && { you: { origin: you.origin, ...knowledgeBody(you) } }
  return { origin, ...known, ...(rules !== undefined && { rules }) }
}

function knowledgeBody({ received, pulled, sequence, ids }: PeerKnowledge): object {
  return { received, pulled, sequence: String(sequence), ids }
}

/** Only this is needed to say which versions don't understand each other. */
export const protocolSchema = z.object({
  protocol: z.object({ name: z.string(), version: z.number() }),
})

export const welcomeSchema = z.object({
  node: z.string().refine(isNodeId, 'is not a node id'),
  origin: originSchema,
  end: foreignCursor,
  time: z.number(),
  limits: z.object({ count: z.int().positive(), bytes: z.int().positive() }),
  filters: z.boolean().exactOptional(),
  rules: z.array(rulesHash).max(100).exactOptional(),
  live: z.array(z.string().max(100)).max(100).exactOptional(),
  you: knowledge,
})

export function welcomeBody(greeting: Greeting): object {
  const { node, origin, end, time, limits, filters, rules, live, you } = greeting
  const known = you && { you: knowledgeBody(you) }
  const protocol = { name: protocolName, version: protocolVersion }
  return {
    protocol,
    node,
    origin,
    end,
    time,
    limits,
    ...(filters && { filters }),
    ...(rules && { rules }),
    ...(live && { live }),
    ...known,
  }
}

export const pushEndSchema = z.object({ cursor: foreignCursor, expects: foreignCursor })

export const pageEndSchema = z.union([
  z.object({ reset: z.literal(true) }),
  z.object({
    cursor: foreignCursor,
    more: z.boolean(),
    leftOut: z.object({ received: ownCursor, pulled: ownCursor }).exactOptional(),
  }),
])

export const fetchEndSchema = z.object({ more: z.boolean() })

export const fetchBodySchema = z.strictObject({
  ids,
  bytes: z.int().positive().optional(),
  filter: z.string().optional(),
})

export const pullBodySchema = z.strictObject({
  after: ownCursor,
  count: z.int().positive(),
  bytes: z.int().positive(),
  notVia: originSchema.optional(),
  filter: z.string(),
})

const receiptSchema: z.ZodType<Receipt> = z.union([
  z.enum(['stored', 'filled', 'duplicate', 'forked']).transform((kind) => ({ kind })),
  z
    .object({
      rejected: z.enum(['invalid', 'id_conflict', 'clock', 'parent_rejected', 'unconfirmed']),
      message: z.string(),
      retryable: z.boolean(),
    })
    .transform(({ rejected, ...rest }) => ({
      kind: 'rejected' as const,
      reason: rejected,
      ...rest,
    })),
  z
    .object({ missing: ids })
    .transform(({ missing }) => ({ kind: 'missing' as const, parents: missing })),
])

export const pushAnswerSchema: z.ZodType<PushAnswer> = z.union([
  z.object({ kind: z.literal('applied'), receipts: z.array(receiptSchema) }),
  z.object({
    kind: z.literal('reset'),
    standing: z.object({ origin: originSchema, you: knowledge }).exactOptional(),
  }),
])

export function pushAnswerBody(answer: PushAnswer): object {
  if (answer.kind === 'applied') return { kind: 'applied', receipts: answer.receipts.map(compact) }
  const { kind, standing } = answer
  const { origin, you } = standing ?? {}
  return { kind, ...(you && { standing: { origin, you: knowledgeBody(you) } }) }
}

function compact(receipt: Receipt): string | object {
  switch (receipt.kind) {
    case 'rejected': {
      const { reason, message, retryable } = receipt
      return { rejected: reason, message, retryable }
    }
    case 'missing':
      return { missing: receipt.parents }
    default:
      return receipt.kind
  }
}
