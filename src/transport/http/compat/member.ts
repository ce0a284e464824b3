import { membersOf } from '../../../json/index.ts'

/** The exact text of an object's member; `undefined` when there is none, and of repeated ones the last. */
export function memberOf(object: string, key: string): string | undefined {
  if (!mayHave(object, key)) return undefined
  let found: string | undefined
  for (const member of membersOf(object, 0))
    if (member.key === key) found = object.slice(member.from, member.to)
  return found
}

/** An object without one of its members; everything else stays byte for byte, and an empty one is ''. */
export function withoutMember(object: string, key: string): string {
  if (!mayHave(object, key)) return object
  const members = [...membersOf(object, 0)]
  const kept = members.filter((member) => member.key !== key)
  if (kept.length === members.length) return object
  const texts = kept.map(({ start, to }) => object.slice(start, to))
  return texts.length === 0 ? '' : `{${texts.join(',')}}`
}

// A cheap look first: nearly no metadata has the key, and one that is written with escapes has a backslash.
function mayHave(object: string, key: string): boolean {
  return object !== '' && (object.includes(key) || object.includes('\\'))
}
