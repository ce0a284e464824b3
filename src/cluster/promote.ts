import { unwanted } from '../errors/check.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import { RejoinError } from '../errors/index.ts'
import { at } from './configuration/check-options.ts'
import type { KeyPlan } from './configuration/key-plan.ts'
import type { Membership } from './membership/membership.ts'
import { clockLag, clockLead, isDayAhead, isDayBehind } from './peers/clock-lead.ts'

/** Which keys a server leads from now on, and who led them before. */
export interface Promoted {
  readonly keys: readonly { readonly path: string; readonly previous?: string }[]
}

/**
 * Makes this server the leader of these keys, by writing so into their records; nothing else moves. Of keys that it
 * leads already the record is written anew, so that it stands over a promotion elsewhere that has not been heard of
 * here; only those that are `local` are left alone. Of several servers that are promoted without knowing of each other, the one that was
 * promoted last leads in the end. Rejects with `clock` when the clock here is so far ahead of all servers that are there
 * that they would refuse what is written here: from their leader they would take it. And when it is so far behind all of
 * them, two or more, that it would refuse what they write.
 */
export async function promote(
  membership: Membership,
  paths: readonly string[] | undefined,
  signal?: AbortSignal,
): Promise<Promoted> {
  signal?.throwIfAborted()
  membership.mustBeOpen('promote')
  const { address } = membership.settings
  const keys = keysAt(membership, paths)
  if (address === undefined) {
    const words =
      'promoting needs this server’s address: open the cluster with address: "host:port"'
    throw new RejoinError('invalid_argument', words, at('promote'))
  }
  if (isDayAhead(membership.peers)) {
    const ahead = clockLead(membership.peers)
    const words = 'the clock here is a day or more ahead of all other servers: set it right first'
    throw new RejoinError('clock', words, { ...at('promote'), details: { ahead } })
  }
  if (isDayBehind(membership.peers)) {
    const behind = clockLag(membership.peers)
    const words =
      'the clock here is a day or more behind all other servers, so that it would refuse what they write: set it right first'
    throw new RejoinError('clock', words, { ...at('promote'), details: { behind } })
  }
  const led = keys
    .filter(({ local }) => !local)
    .map((key) => ({ key, lead: membership.leadOf(key) }))
  const decided = led.map(({ key, lead }) => ({ key, previous: lead.leader ?? lead.previous }))
  await membership.leadership.decide(decided, address, signal)
  return {
    keys: led.flatMap(({ key: { path }, lead: { leader } }) =>
      leader === undefined ? [] : [{ path, previous: leader }],
    ),
  }
}

function keysAt(membership: Membership, paths: readonly string[] | undefined): readonly KeyPlan[] {
  if (paths === undefined) return membership.keys
  return [...new Set(paths)].map((path) => keyAt(membership, path))
}

function keyAt({ keys }: Membership, path: string): KeyPlan {
  const found = keys.find((key) => key.path === path)
  if (found !== undefined) return found
  const paths = keys.map((key) => key.path)
  const meant = typeof path === 'string' ? didYouMean(path, paths) : ''
  throw unwanted(
    'keys',
    path,
    `made of this server’s keys, ${paths.join(', ')}${meant}`,
    at('promote'),
  )
}
