import { createHash } from 'node:crypto'
import { canonicalJson } from '../../../json/index.ts'

/** What stood at a path at some time: an object, or the tombstone of a delete (`dataText` is `null`). */
export interface Version {
  readonly path: string
  readonly created: bigint
  readonly updated: bigint
  readonly dataText: string | null
}

/** It alone, of a row that has more. */
export function versionOf({ path, created, updated, dataText }: Version): Version {
  return { path, created, updated, dataText }
}

/**
 * Whether one version stands over the other by the rule in the documentation, written down once more: the later time;
 * then a delete; then the greater hash of the canonical JSON, compared as text; then whatever else tells them apart.
 */
export function isAbove(one: Version, other: Version): boolean {
  const [time, otherTime] = [timeIn(one), timeIn(other)]
  if (time !== otherTime) return time > otherTime
  if ((one.dataText === null) !== (other.dataText === null)) return one.dataText === null
  if (one.dataText === null || other.dataText === null) return false
  const [hash, otherHash] = [hashOf(one.dataText), hashOf(other.dataText)]
  if (hash !== otherHash) return hash > otherHash
  return one.updated === other.updated ? one.created > other.created : one.updated > other.updated
}

export function isSame(one: Version | undefined, other: Version | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && keyOf(one) === keyOf(other))
}

/** Tells versions of a path apart. */
export function keyOf({ created, updated, dataText }: Version): string {
  return `${created} ${updated} ${dataText}`
}

/** As people read it. */
export function shown(version: Version | undefined): string {
  if (version === undefined) return 'nothing'
  return `${version.path} ${version.dataText ?? 'deleted'} of ${timeIn(version)}`
}

function timeIn({ created, updated }: Version): bigint {
  return updated > created ? updated : created
}

function hashOf(dataText: string): string {
  return createHash('sha256').update(canonicalJson(dataText)).digest('base64url')
}
