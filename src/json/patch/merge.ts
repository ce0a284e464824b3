import { isNull, type JsonNode, open } from './json-node.ts'
import { unfit } from './unfit.ts'

/**
 * Objects recursively, everything else in place of what was there. `null` may take any place and give it up
 * again; besides that, an object fits only an object.
 */
export function merged(target: JsonNode, patch: JsonNode, at = ''): JsonNode {
  const changes = open(patch)
  if (isNull(changes) || isNull(target)) return changes
  const into = open(target)
  if ((into.kind === 'object') !== (changes.kind === 'object'))
    throw unfit(at, `there is ${whatIs(into)}, and the patch has ${whatIs(changes)}`)
  if (into.kind !== 'object' || changes.kind !== 'object') return changes
  const members = new Map(into.members)
  for (const [key, value] of changes.members) {
    const held = members.get(key)
    members.set(key, held === undefined ? value : merged(held, value, `${at}/${key}`))
  }
  return { kind: 'object', members }
}

/** RFC 7396: `null` takes a member out. */
export function mergePatched(target: JsonNode | undefined, patch: JsonNode): JsonNode {
  const changes = open(patch)
  if (changes.kind !== 'object') return changes
  const into = target && open(target)
  const members = new Map(into?.kind === 'object' ? into.members : [])
  for (const [key, value] of changes.members)
    if (isNull(value)) members.delete(key)
    else members.set(key, mergePatched(members.get(key), value))
  return { kind: 'object', members }
}

function whatIs({ kind }: JsonNode): string {
  return kind === 'object' ? 'an object' : kind === 'list' ? 'a list' : 'a single value'
}
