import {
  compareChanges,
  LinkedChange,
  type StateChange,
  type StateRow,
  timeOf,
} from '../../contracts/index.ts'
import { canonicalJson } from '../../json/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { WireObject } from './wire-object.ts'

/** Both sides of one key, as a server of the original lets them be seen. */
export interface Sides {
  /** By path: what lives here, and tombstones of what lives there. */
  readonly here: ReadonlyMap<string, StateRow>
  /** What the other side has not confirmed as it is here: on its way there, or refused. */
  readonly isUnconfirmed: (path: string) => boolean
  /** It was written here, and not brought by the other side; or is being given back. Asked only without a delete time. */
  readonly isOwn: (row: StateRow) => boolean
  /** By path, read after `here`. */
  readonly there: ReadonlyMap<string, WireObject>
  /** The greatest time there, or a later delete time. */
  readonly activity: bigint
}

/** What is to be done about what differs. */
export interface Difference {
  /** To be joined with what is here. */
  readonly taken: readonly LinkedChange[]
  /** Paths of which the other side has lost, or replaced by something older, what it had confirmed. */
  readonly offered: readonly string[]
  /** As it is to be there and here: it was taken for deleted, wrongly. To be sent, and to be joined. */
  readonly returned: readonly LinkedChange[]
}

/**
 * Tells what the other side has deleted from what it has not seen yet, and from what it has lost.
 *
 *     there       here                     ─▶
 *     newer       anything                    taken
 *     older       unconfirmed                 nothing: it is on its way there
 *     older       confirmed                   offered: somebody has put an older version over it
 *     just what was guessed to be deleted     returned, a nanosecond later
 *     absent      unconfirmed                 nothing
 *     absent      confirmed, before a delete  taken: a tombstone a nanosecond after what stands here
 *     absent      confirmed, a guess          taken: a tombstone of its own time
 *     absent      confirmed, no sign of one   offered: it was wiped, or restored, or told to forget it by mistake
 *
 * A server of the original has one delete time for a whole list, which the next write takes away, and in memory it
 * has nothing at all after a restart. So a delete is believed when it can have come after what is missing, and as
 * long as a delete time stands there; without one
 *
 * - what was written here is offered: rather it comes back than that it is gone;
 * - what came from there is offered as well when nothing remains as it was confirmed: it has lost everything;
 * - else it is guessed to be deleted. Who has written it knows better, and gives it back.
 *
 * A delete time that is exactly an object's own is what a node sends for objects that it has not seen yet.
 */
export function differenceOf(sides: Sides, runtime: Pick<Runtime, 'sha256'>): Difference {
  const { here, there, isUnconfirmed } = sides
  const taken: LinkedChange[] = []
  const offered: string[] = []
  const returned: LinkedChange[] = []
  for (const [path, object] of there) {
    const theirs = new LinkedChange({ path, note: '', ...object })
    const ours = here.get(path)
    const order = ours === undefined ? 1 : orderOf(theirs, ours, runtime)
    if (order > 0) taken.push(theirs)
    else if (order < 0 && !isUnconfirmed(path))
      if (isGuess(ours, theirs)) returned.push(after(theirs))
      else offered.push(path)
  }
  const confirmed = [...here.values()].filter(
    ({ path, dataText }) => dataText !== null && !isUnconfirmed(path),
  )
  const absent = confirmed.filter(({ path }) => !there.has(path))
  const isDeleted = deletes(
    sides,
    absent,
    confirmed.some((row) => isThere(row, there)),
  )
  const later = hasDeleteTime(sides) ? 1n : 0n
  for (const row of absent)
    if (isDeleted(row)) taken.push(tombstone(row, later))
    else offered.push(row.path)
  return { taken, offered, returned }
}

/**
 * Above 0 when `theirs` stands over `ours`; 0 for what is the same to a server of the original, which has no notes
 * and writes some characters of JSON in its own way.
 */
export function orderOf(
  theirs: StateChange,
  ours: StateChange,
  runtime: Pick<Runtime, 'sha256'>,
): number {
  const { created, updated, dataText } = theirs
  if (created === ours.created && updated === ours.updated && isSameData(dataText, ours.dataText))
    return 0
  return compareChanges(theirs, { ...ours, note: '' }, runtime)
}

/** A delete time stands there: no object there is as late. */
export function hasDeleteTime({ there, activity }: Pick<Sides, 'there' | 'activity'>): boolean {
  let latest = 0n
  for (const object of there.values()) if (timeOf(object) > latest) latest = timeOf(object)
  return activity > latest
}

/** `remains`: it still has something that it had confirmed, just as it was. */
function deletes(
  sides: Sides,
  absent: readonly StateRow[],
  remains: boolean,
): (row: StateRow) => boolean {
  const { activity, isOwn } = sides
  if (hasDeleteTime(sides)) {
    const isMistaken = absent.some((row) => timeOf(row) === activity)
    return (row) => !isMistaken && activity > timeOf(row)
  }
  return (row) => remains && activity > timeOf(row) && !isOwn(row)
}

function isThere(row: StateChange, there: Sides['there']): boolean {
  const object = there.get(row.path)
  return object !== undefined && timeOf(object) === timeOf(row)
}

/**
 * When it was deleted nobody knows: as early as can be, so that any later write stands over it. No delete that
 * somebody has made has the time of what it deletes.
 */
function tombstone(row: StateChange, later: bigint): LinkedChange {
  const updated = timeOf(row) + later
  return new LinkedChange({ path: row.path, created: 0n, updated, dataText: null, note: '' })
}

function isGuess(ours: StateChange | undefined, theirs: StateChange): boolean {
  return ours?.dataText === null && timeOf(ours) === timeOf(theirs)
}

function after(object: StateChange): LinkedChange {
  return new LinkedChange({ ...object, updated: timeOf(object) + 1n })
}

function isSameData(one: string | null, other: string | null): boolean {
  if (one === other) return true
  return one !== null && other !== null && canonicalJson(one) === canonicalJson(other)
}
