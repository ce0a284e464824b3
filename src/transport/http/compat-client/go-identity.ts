import type { NodeId, Origin } from '../../../event/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import { type Cursor, start } from '../../../version/index.ts'

/** A place in a Go server's log: a version, and a mark of the event that stands there. */
export interface GoPlace {
  readonly mark: string
  readonly position: bigint
}

/** A Go server has no identity of its own: its address stands for it, in the form of an origin. */
export function goIdentity(
  base: string,
  runtime: Pick<Runtime, 'sha256'>,
): { readonly node: NodeId; readonly origin: Origin } {
  const hash = hexOf(runtime.sha256(`rejoin-go-server\n${base}`))
  const node = `go-${hash.slice(0, 16)}` as NodeId
  return { node, origin: `${node}~${hash.slice(16, 32)}` as Origin }
}

/**
 * The cursor behind an event. It holds a mark of the event's id: when another event stands at that version
 * one day, the log was wiped or restored, however far it has come again.
 */
export function goCursor(position: bigint, id: string, runtime: Pick<Runtime, 'sha256'>): Cursor {
  return `${markOf(id, runtime)}.${position}.` as Cursor
}

/** The end of a log, of which only the version is known. */
export function goEnd(position: bigint): Cursor {
  return position <= 0n ? start : (`${unknownMark}.${position}.` as Cursor)
}

/** `undefined` for what is no cursor of a Go server's log. */
export function goPlace(cursor: Cursor): GoPlace | undefined {
  const found = form.exec(cursor)
  return found === null
    ? undefined
    : { mark: found[1] as string, position: BigInt(found[2] as string) }
}

export function markOf(id: string, runtime: Pick<Runtime, 'sha256'>): string {
  return runtime.sha256(`rejoin-go-place\n${id}`).slice(0, 16)
}

function hexOf(base64url: string): string {
  const bytes = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}

const form = /^([A-Za-z0-9_-]{16})\.([1-9][0-9]{0,19})\.$/
const unknownMark = '-'.repeat(16)
