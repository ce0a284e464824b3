import { isNull, type JsonNode, open } from './json-node.ts'
import { unfit } from './unfit.ts'
import type { Work } from './work.ts'

/**
 * Objects recursively, everything else in place of what was there. `null` may take any place and give it up
 * again; besides that, an object fits only an object. The target, once open, is changed itself.
 */
export function merged(target: JsonNode, patch: JsonNode, work: Work, at = ''): JsonNode {
  const changes = open(patch, work)
  if (isNull(changes) || isNull(target)) return changes
  const into = open(target, work)
  if ((into.kind === 'object') !== (changes.kind === 'object'))
    throw unfit(at, `there is ${whatIs(into)}, and the patch has ${whatIs(changes)}`)
  if (into.kind !== 'object' || changes.kind !== 'object') return changes
  const { members } = into
  for (const [key, value] of changes.members) {
    const held = members.get(key)
    members.set(key, held === undefined ? value : merged(held, value, work, `${at}/${key}`))
  }
  return into
}

/** RFC 7396: `null` takes a member out. The target, once open, is changed itself. */
export function mergePatched(target: JsonNode | undefined, patch: JsonNode, work: Work): JsonNode {
  const changes = open(patch, work)
  if (changes.kind !== 'object') return changes
  const into = target && open(target, work)
  const members = into?.kind === 'object' ? into.members : new Map<string, JsonNode>()
  for (const [key, value] of changes.members)
    if (isNull(value)) members.delete(key)
    else members.set(key, mergePatched(members.get(key), value, work))
  return { kind: 'object', members }
}

function whatIs({ kind }: JsonNode): string {
  return kind === 'object' ? 'an object' : kind === 'list' ? 'a list' : 'a single value'
}
