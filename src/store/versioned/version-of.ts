import type { LogEvent } from '../../event/index.ts'
import { membersOf } from '../../json/index.ts'

/** The key in an event's metadata where its version stands, as in go-sync-kit. */
export const versionKey = 'synckit.clock'

/**
 * The version an event carries; `undefined` for none, as in a stub. What stands there and is no string, such
 * as an object of counters from elsewhere, is its JSON text.
 */
export function versionOf(event: LogEvent, key: string = versionKey): string | undefined {
  const { metadataText: text } = event
  if (text === '') return undefined
  let version: string | undefined
  for (const member of membersOf(text, text.indexOf('{')))
    if (member.key === key) version = text.slice(member.from, member.to)
  return version?.startsWith('"') ? (JSON.parse(version) as string) : version
}
