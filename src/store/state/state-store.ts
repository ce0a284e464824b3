import * as contract from '../../contracts/index.ts'
import type { EventId, Filter, LinkId, Origin } from '../../event/index.ts'
import type { Cursor, Lineage, Position } from '../../version/index.ts'
import * as log from '../log/index.ts'
import { apply } from './apply.ts'
import { beginPulling } from './begin-pulling.ts'
import {
  checkCollection,
  checkCommit,
  checkedPathRange,
  checkFeed,
  checkForgetting,
  checkPaths,
  checkPositions,
  checkRange,
  checkSweep,
} from './check-calls.ts'
import { collect, commit } from './commit.ts'
import { momentOf, type StateContext } from './context.ts'
import { forget } from './forget.ts'
import { forgetLate, lateIn } from './late.ts'
import { changesAfter, feedOf, isWanted, listIn, rowsOf, statusOf } from './reading.ts'
import { sweep } from './sweep.ts'

/** What runs the rules of state. */
export interface StateEngine extends log.StoreEngine<StateContext> {
  readonly inMemory: boolean
  readonly policies: contract.StatePolicies
}

/** A state storage over any engine. */
export class StateStore extends log.LinkedStore<StateContext> implements contract.StateStorage {
  readonly inMemory: boolean
  readonly policies: contract.StatePolicies

  constructor(engine: StateEngine) {
    super(engine, 'store/state')
    this.inMemory = engine.inMemory
    this.policies = engine.policies
  }

  rows(paths: readonly string[], signal?: AbortSignal): Promise<contract.StateRows> {
    return this.read(
      'rows',
      (state) => {
        checkPaths(paths, 'rows')
        return rowsOf(state, paths)
      },
      signal,
    )
  }

  list(range: contract.StateRange = {}, signal?: AbortSignal): Promise<contract.StateList> {
    return this.read(
      'list',
      (state) => {
        checkRange(range)
        return listIn(state, range)
      },
      signal,
    )
  }

  paths(range: contract.PathRange = {}, signal?: AbortSignal): Promise<contract.StatePaths> {
    return this.read(
      'paths',
      (state) => ({ ...momentOf(state), ...state.tables.paths(checkedPathRange(range)) }),
      signal,
    )
  }

  feed(range: contract.FeedRange = {}, signal?: AbortSignal): Promise<contract.StateFeed> {
    return this.read(
      'feed',
      (state) => {
        checkFeed(range)
        return feedOf(state, range)
      },
      signal,
    )
  }

  commit(
    what: contract.StateCommit,
    signal?: AbortSignal,
  ): Promise<contract.StateCommitted | contract.StateStale> {
    return this.write(
      'commit',
      (state) => {
        checkCommit(what)
        return commit(state, what)
      },
      signal,
    )
  }

  latest(pattern: string, signal?: AbortSignal): Promise<Position> {
    return this.read(
      'latest',
      ({ tables }) => {
        checkPaths([pattern], 'latest')
        return tables.latest(pattern)
      },
      signal,
    )
  }

  lineage(signal?: AbortSignal): Promise<Lineage> {
    return this.read(
      'lineage',
      ({ tables }) => {
        const { marks, end } = log.lineageOf(tables)
        return { marks: [...marks], end }
      },
      signal,
    )
  }

  collect(what: contract.Collection, signal?: AbortSignal): Promise<number> {
    return this.write(
      'collect',
      (state) => {
        checkCollection(what)
        return collect(state, what)
      },
      signal,
    )
  }

  sweep(what: contract.Sweep, signal?: AbortSignal): Promise<contract.Swept> {
    return this.write(
      'sweep',
      (state) => {
        checkSweep(what)
        return sweep(state, what)
      },
      signal,
    )
  }

  late(
    range: contract.LateRange = {},
    signal?: AbortSignal,
  ): Promise<readonly contract.LateWrite[]> {
    return this.read(
      'late',
      (state) => {
        checkFeed(range)
        return lateIn(state, range)
      },
      signal,
    )
  }

  forgetLate(positions: readonly Position[], signal?: AbortSignal): Promise<number> {
    return this.write(
      'forgetLate',
      (state) => {
        checkPositions(positions)
        return forgetLate(state, positions)
      },
      signal,
    )
  }

  forget(what: contract.Forgetting, signal?: AbortSignal): Promise<contract.Forgotten> {
    return this.write(
      'forget',
      (state) => {
        checkForgetting(what)
        return forget(state, what)
      },
      signal,
    )
  }

  status(signal?: AbortSignal): Promise<contract.StateStatus> {
    return this.read('status', statusOf, signal)
  }

  changes(
    after: Cursor,
    want: contract.Want<contract.LinkedChange>,
    signal?: AbortSignal,
  ): Promise<contract.ChangePage<contract.LinkedChange>> {
    return this.read(
      'changes',
      (state) => {
        log.checkWant(after, want as contract.Want<never>)
        return changesAfter(state, after, want)
      },
      signal,
    )
  }

  fetch(
    ids: readonly EventId[],
    signal?: AbortSignal,
    filter?: Filter<contract.LinkedChange>,
  ): Promise<readonly contract.LinkedChange[]> {
    return this.read(
      'fetch',
      ({ tables }) => {
        checkPaths(ids, 'fetch')
        return ids
          .flatMap((path) => tables.row(path) ?? [])
          .filter((row) => isWanted(row, filter))
          .map((row) => new contract.LinkedChange(row))
      },
      signal,
    )
  }

  apply(
    batch: contract.Batch<contract.StateChange>,
    signal?: AbortSignal,
  ): Promise<contract.Applied> {
    return this.write(
      'apply',
      (state) => {
        log.checkBatch(batch)
        const applied = apply(state, batch)
        if (batch.changes.length > 0 && applied.kind === 'applied') log.keepReaders(state)
        if (batch.role === 'pushed') noteMember(state, batch.via)
        return applied
      },
      signal,
    )
  }

  override confirm(
    peer: LinkId,
    as: Origin,
    known: contract.PeerKnowledge & { readonly begins?: Cursor },
    signal?: AbortSignal,
  ): Promise<contract.Confirmation> {
    return this.write(
      'confirm',
      (state) => {
        const confirmation = log.confirmIn(state, peer, as, known)
        if (confirmation === 'agreed' || confirmation === 'reset')
          beginPulling(state, peer, known.begins)
        return confirmation
      },
      signal,
    )
  }
}

/** What it has brought it may hold when that is deleted, whether it has ever read from here or not. */
function noteMember({ tables, runtime }: StateContext, peer: LinkId): void {
  if (tables.link(peer) !== undefined && tables.reader(peer) === undefined)
    tables.setReader(peer, { upTo: 0n as Position, heard: runtime.now() })
}
