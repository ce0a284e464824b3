import { membersOf } from '../../json/index.ts'
import { checkedJson, Malformed } from '../rest/read-object.ts'

/** One message of a subscription: a value, or the patch that makes it of the one before. */
export interface StateMessage {
  readonly data: string
  readonly version: string
  readonly isSnapshot: boolean
}

/** Throws a `Malformed`. */
export function readMessage(frame: unknown): StateMessage {
  const text = checkedJson(textOf(frame))
  if (!text.startsWith('{')) throw new Malformed('a message is an object')
  const fields = new Map<string, string>()
  for (const { key, from, to } of membersOf(text, 0)) fields.set(key, text.slice(from, to))
  const data = fields.get('data')
  const version = /^"([0-9A-Za-z]{1,64})"$/.exec(fields.get('version') ?? '')?.[1]
  const snapshot = fields.get('snapshot')
  if (data === undefined) throw new Malformed('a message without "data"')
  if (version === undefined) throw new Malformed('a message without a version')
  if (snapshot !== 'true' && snapshot !== 'false')
    throw new Malformed('a message that does not say whether it is a snapshot')
  return { data, version, isSnapshot: snapshot === 'true' }
}

function textOf(frame: unknown): string {
  if (typeof frame === 'string') return frame
  if (!(frame instanceof ArrayBuffer)) throw new Malformed('neither text nor bytes')
  try {
    return decoder.decode(frame)
  } catch {
    throw new Malformed('a message that is not UTF-8')
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })
