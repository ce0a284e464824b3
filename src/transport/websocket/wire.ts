import { z } from 'zod'
import { type ErrorCode, errorCodes } from '../../errors/index.ts'
import {
  fetchBodySchema,
  originSchema,
  ownCursor,
  protocolName,
  protocolVersion,
} from '../remote/wire.ts'

/*
 * The native protocol over a WebSocket, version 1: binary messages, each a byte that says its kind, two
 * bytes with the number of a call (big-endian), and a body: JSON, or a page of frames (event/frame.ts).
 *
 *   client                                      server
 *   open {protocol}                          -> ready {protocol,limits:{calls,credit,message},silence}
 *   hello {origin,you?}                      -> answer {…}        as over HTTP
 *   push frames, {"end":{origin,cursor,expects}}
 *                                            -> answer {"kind":…}
 *   pull {after,count,bytes,notVia?,filter?} -> page frames, {"end":{cursor,more,leftOut?}} or {"end":{"reset":true}}
 *   fetch {ids,bytes?,filter?}               -> page frames, {"end":{more}}
 *   subscribe {after,count,bytes,filter?,credit}
 *                                            -> page, page, …     then ended after a reset
 *   credit {bytes}                              so many bytes of the subscription's pages were taken
 *   cancel                                   -> ended             unless its answer was already on its way
 *   ping                                     -> pong
 *                                            -> error {code,message,retryable,retryAfter?,details?}
 *
 * The client numbers its calls: the lowest number that is free, below `limits.calls`; a number is free again
 * when its last message has come, which is answer, error, ended, or the page of a pull or fetch. A page of a
 * subscription is begun only while less than `credit` bytes of its pages have been sent and not been taken.
 * Whoever hears nothing for longer than `silence` gives the connection up: a client asks with ping, a server
 * with the ping of WebSockets. What is not in this form ends the connection with a code below 5000.
 */
export const kinds = {
  open: 1,
  hello: 2,
  push: 3,
  pull: 4,
  fetch: 5,
  subscribe: 6,
  credit: 7,
  cancel: 8,
  ping: 9,
  ready: 0x81,
  answer: 0x82,
  page: 0x83,
  ended: 0x84,
  error: 0x85,
  pong: 0x89,
} as const

export type Kind = keyof typeof kinds

/** The subprotocol of version 1; another version has another name. */
export const subprotocol = `${protocolName}.v${protocolVersion}`

/** Why a connection was ended, beside the codes that every WebSocket has. */
export const closeCodes = {
  /** The other end leaves, as it said it would. */
  normal: 1000,
  /** The server is shutting down. */
  leaving: 1001,
  tooLarge: 1009,
  failed: 1011,
  /** More connections than the server takes. */
  busy: 1013,
  malformed: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  /** Another version of the protocol, or another protocol. */
  version: 4406,
  /** Nothing was heard for longer than allowed. */
  silent: 4408,
} as const

const protocol = z.object({ name: z.string().max(100), version: z.number() })

export const openSchema = z.object({ protocol })

export const readySchema = z.object({
  protocol,
  limits: z.object({
    calls: z.int().min(1).max(65_536),
    credit: z.int().positive(),
    message: z.int().positive(),
  }),
  silence: z.int().positive(),
})

export type Ready = z.output<typeof readySchema>

const filter = z.string().optional()
const size = { count: z.int().positive(), bytes: z.int().positive() }

export const pullSchema = z.strictObject({
  after: ownCursor,
  ...size,
  notVia: originSchema.optional(),
  filter,
})

export const fetchSchema = fetchBodySchema

export const subscribeSchema = z.strictObject({
  after: ownCursor,
  ...size,
  filter,
  credit: z.int().positive(),
})

export const creditSchema = z.strictObject({ bytes: z.int().positive() })

export const errorSchema = z.object({
  code: z.string().max(100),
  message: z.string(),
  retryable: z.boolean(),
  retryAfter: z.number().nonnegative().exactOptional(),
  details: z.record(z.string(), z.unknown()).exactOptional(),
})

/** A code of ours, as a text from elsewhere. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text)
}
