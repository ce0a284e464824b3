import type { LogEvent } from './log-event.ts'

/**
 * The reserved type of an event that says what all its ancestors have come to: its payload is the state of
 * the aggregate, its parents are the heads that were folded.
 */
export const snapshotType = 'rejoin.snapshot'

/**
 * Whether an event is a snapshot whose content is here. One without causality has no ancestors to stand for:
 * it is none before its header arrives.
 */
export function isSnapshot({ type, stub, origin }: SnapshotLike): boolean {
  return type === snapshotType && stub === null && origin !== null
}

type SnapshotLike = Pick<LogEvent, 'type' | 'stub' | 'origin'>
