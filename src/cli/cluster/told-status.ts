import { z } from 'zod'

const time = z.number()
const error = z.looseObject({ code: z.string(), message: z.string() })

const key = z.looseObject({
  path: z.string(),
  storage: z.string(),
  role: z.enum(['leader', 'member']),
  leader: z.string().exactOptional(),
  term: z.string().regex(/^\d{1,19}$/),
  configured: z.string().exactOptional(),
  asOf: time.exactOptional(),
  leaderReachable: z.boolean(),
  pendingWrites: z.number().exactOptional(),
  proof: z.looseObject({ at: time, agrees: z.boolean(), defects: z.number() }).exactOptional(),
  forgotten: z
    .looseObject({
      at: time,
      from: z.string().exactOptional(),
      objects: z.number(),
      tombstones: z.number(),
      unsent: z.number(),
    })
    .exactOptional(),
  problem: z.string().exactOptional(),
})

const link = z.looseObject({
  keys: z.array(z.string()),
  reasons: z.array(z.string()),
  phase: z.string(),
  doing: z.string(),
  unsent: z.looseObject({ count: z.number(), more: z.boolean() }).exactOptional(),
  parked: z.array(z.looseObject({ message: z.string() })),
  blocked: z
    .looseObject({
      cause: z.string(),
      message: z.string(),
      since: time,
      nextAttempt: time.exactOptional(),
    })
    .exactOptional(),
})

const peer = z.looseObject({
  address: z.string(),
  kind: z.string(),
  healthy: z.boolean().exactOptional(),
  retired: z.boolean().exactOptional(),
  lastCheck: time.exactOptional(),
  protocol: z.string().exactOptional(),
  clockOffset: z.number().exactOptional(),
  clockTrouble: z.string().exactOptional(),
  lag: z.number().exactOptional(),
  cluster: z.string().exactOptional(),
  error: error.exactOptional(),
  links: z.array(link),
})

/** What a server says of its part in a cluster. Times are milliseconds since 1970, by its clock; `time` is when it said so. */
export const toldStatus = z.looseObject({
  node: z.string(),
  cluster: z.string().exactOptional(),
  address: z.string().exactOptional(),
  addressTakenBy: z.string().exactOptional(),
  role: z.string(),
  problems: z.array(z.string()).exactOptional(),
  time,
  keys: z.array(key),
  peers: z.array(peer),
})

export type ToldStatus = z.output<typeof toldStatus>
export type ToldKey = z.output<typeof key>
export type ToldPeer = z.output<typeof peer>
export type ToldLink = z.output<typeof link>

export const toldPromotion = z.looseObject({
  keys: z.array(z.looseObject({ path: z.string(), previous: z.string().exactOptional() })),
  /** Why the server can't call its own address. */
  unreached: z.string().exactOptional(),
})
export type ToldPromotion = z.output<typeof toldPromotion>
