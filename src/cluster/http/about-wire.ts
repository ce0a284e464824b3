import { z } from 'zod'
import { patternProblem } from '../../contracts/index.ts'
import { isNodeId } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'
import { plainAddress } from '../configuration/address.ts'
import { clusterNameProblem } from '../configuration/cluster-name.ts'
import type { PeerAbout, RejoinAbout } from '../peer-network.ts'

const address = z.string().transform((text, context) => {
  const plain = plainAddress(text)
  if (plain === undefined) context.addIssue('is no host:port')
  return plain ?? z.NEVER
})

const clusterName = z
  .string()
  .refine((text) => clusterNameProblem(text) === undefined, 'is no name of a cluster')

const key = z.object({
  path: z.string().refine((text) => patternProblem(text, []) === undefined, 'is no key'),
  storage: z.string().min(1).max(255),
  leader: address.exactOptional(),
  reachesLeader: z.boolean().exactOptional(),
  asOf: z.number().exactOptional(),
  local: z.boolean().exactOptional(),
})

const cursor = z
  .string()
  .max(255)
  .transform((text) => text as Cursor)

/** What our own kind says beside the protocol; more fields are ignored. */
const rejoinSchema: z.ZodType<RejoinAbout> = z.object({
  version: z.literal(1),
  node: z.string().refine(isNodeId, 'is no node id'),
  instance: z.string().min(1).max(255),
  cluster: clusterName.exactOptional(),
  address: address.exactOptional(),
  time: z.number(),
  keys: z.array(key).max(10_000),
  ends: z.record(z.string(), cursor).exactOptional(),
  peers: z.array(address).max(10_000).exactOptional(),
})

/** The answer to `GET /_pivot/version`, which servers of the original read the first two fields of. */
export function aboutBody({ protocol, rejoin }: PeerAbout): object {
  return { protocol, package: 'rejoin', rejoin }
}

/** What an answer says; our own field in a form that is none of ours is as if it were absent. */
export function aboutFrom(protocol: string, fields: Readonly<Record<string, unknown>>): PeerAbout {
  const { data } = rejoinSchema.safeParse(fields.rejoin)
  return { protocol, compatible: protocol === '2.0', ...(data && { rejoin: data }) }
}
