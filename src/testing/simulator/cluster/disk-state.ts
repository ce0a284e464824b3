import { HybridClock } from '../../../clock/index.ts'
import {
  type LateWrite,
  listOf,
  type StatePolicies,
  type StateStorage,
} from '../../../contracts/index.ts'
import { RejoinError } from '../../../errors/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import { limitsOf, standingOf, Watchers } from '../../../store/log/index.ts'
import type { Journal } from '../../../store/memory/index.ts'
import {
  checkedStateOptions,
  freshStateMeta,
  type Row,
  type StateContext,
  type StateEngine,
  StateStore,
} from '../../../store/state/index.ts'
import { newMark, type Position } from '../../../version/index.ts'
import type { Disk, DiskImage } from '../disk.ts'
import { diskJournal, recordsIn } from '../disk-journal.ts'
import type { Fence } from '../fence.ts'
import {
  type Deed,
  doneBy,
  type RecordedTables,
  recordedTables,
  recordOf,
} from './recorded-tables.ts'
import { isAbove, type Version, versionOf } from './version.ts'

export interface DiskStateOptions {
  readonly disk: Disk
  readonly fence: Fence
  readonly node: string
  readonly runtime: Runtime
  /** An older version was put in the place of a newer one. */
  readonly onOlder: (stood: Version, put: Version) => void
  /** A tombstone goes. */
  readonly onCollected: (collected: Collected) => void
  /** They came too late, and are kept aside from now on. */
  readonly onLate: (late: readonly LateWrite[]) => void
  /** Something was forgotten, for good. */
  readonly onForgotten: () => void
  /** These are durable here from now on. */
  readonly onDurable: (versions: readonly Version[]) => void
}

/** A tombstone that was collected. */
export interface Collected {
  readonly tombstone: Version
  /** Those who have told that they have read it; absent: it went by the horizon, whoever has not. */
  readonly readers?: readonly string[]
}

/** A state storage on a simulated disk, for one life of a process: its rules are the real ones. */
export interface DiskState {
  readonly storage: StateStorage
  /** All there is, tombstones too; as it stands, durable or not. */
  rows(): ReadonlyMap<string, Version>
  /** Up to when deletes in the list of this path are forgotten here: the time of the last such tombstone. */
  forgottenUpTo(path: string): bigint
}

export async function openDiskState(options: DiskStateOptions): Promise<DiskState> {
  const { disk, fence, runtime, node, onOlder, onCollected, onLate } = options
  const { onForgotten, onDurable } = options
  const { logger, policies } = checkedStateOptions({ runtime, node }, where)
  const journal = diskJournal(disk, stateFile, fence)
  const records = await journal.records()
  let going: Collected[] = []
  let isForgetting = false
  const recorded: RecordedTables = recordedTables(
    records,
    () => freshStateMeta(node, runtime),
    (deed) => {
      const [put] = doneBy(deed, 'put') ?? []
      const stood = put && recorded.tables.row(put.path)
      if (put !== undefined && stood !== undefined && isAbove(stood, put))
        onOlder(versionOf(stood), versionOf(put))
      const [dropped] = doneBy(deed, 'drop') ?? []
      if (dropped?.dataText === null) going.push(collectedIn(context, dropped))
      if (isForgetful(deed)) isForgetting = true
    },
  )
  const mark = newMark(runtime)
  const { tables } = recorded
  if (records.length === 0) tables.addMark({ mark, first: 0n as Position })
  const clock = new HybridClock(runtime)
  const context: StateContext = {
    ...{ tables, clock, runtime, logger, policies, mark },
    heardReaders: new Map(),
  }
  // A crash may have come after the last flush, and before anybody heard of it.
  onLate(tables.late(none, all))
  onDurable([...tables.scan(none)].map(versionOf))
  const engine = new DiskStateEngine(context, recorded, journal, (put, position) => {
    onLate(tables.late(position, all))
    onDurable(put)
    if (isForgetting) onForgotten()
    else for (const collected of going) onCollected(collected)
    going = []
    isForgetting = false
  })
  await engine.write(() => {}, undefined)
  return {
    storage: new StateStore(engine),
    rows: () => new Map([...tables.scan(0n as Position)].map((row) => [row.path, versionOf(row)])),
    forgottenUpTo: (path) => tables.collected(listOf(path)),
  }
}

/** What a disk holds. */
export function versionsOn(image: DiskImage): ReadonlyMap<string, Version> {
  const found = new Map<string, Version>()
  for (const text of recordsIn(image.get(stateFile) ?? new Uint8Array()).records)
    for (const { name, args } of recordOf(text).deeds) {
      const [row] = args as [Version]
      if (name === 'put') found.set(row.path, versionOf(row))
      if (name === 'drop') found.delete(row.path)
    }
  return found
}

/** How often something was forgotten there for good. */
export function forgettingsOn(image: DiskImage): number {
  return recordsIn(image.get(stateFile) ?? new Uint8Array())
    .records.flatMap((text) => recordOf(text).deeds)
    .filter(isForgetful).length
}

/** One write after the other; what is read is durable, as in a file of SQLite. */
class DiskStateEngine implements StateEngine {
  readonly inMemory = false
  readonly policies: StatePolicies
  readonly #context: StateContext
  readonly #recorded: RecordedTables
  readonly #journal: Journal
  readonly #watchers = new Watchers()
  readonly #onDurable: (put: readonly Version[], after: Position) => void
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(
    context: StateContext,
    recorded: RecordedTables,
    journal: Journal,
    onDurable: (put: readonly Version[], after: Position) => void,
  ) {
    this.#context = context
    this.policies = context.policies
    this.#recorded = recorded
    this.#journal = journal
    this.#onDurable = onDurable
  }

  read<T>(work: (state: StateContext) => T, signal: AbortSignal | undefined): Promise<T> {
    return this.#inTurn(async () => work(this.#context), signal)
  }

  write<T>(work: (state: StateContext) => T, signal: AbortSignal | undefined): Promise<T> {
    return this.#inTurn(async () => {
      const { tables, clock } = this.#context
      const { position } = tables.meta
      const stood = standingOf(tables)
      clock.resume(tables.meta.clock)
      const result = work(this.#context)
      tables.meta.clock = clock.last
      const put = [...tables.scan(position)].map(versionOf)
      const record = this.#recorded.take()
      if (record !== undefined) await this.#journal.append(record)
      this.#onDurable(put, position)
      if (tables.meta.position !== position || standingOf(tables) !== stood) this.#watchers.wake()
      return result
    }, signal)
  }

  watch(signal: AbortSignal): AsyncIterable<void> {
    return this.#watchers.watch(signal)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#last.catch(() => {})
    this.#watchers.close()
  }

  async #inTurn<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw new RejoinError('closed', 'the storage is closed', where)
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }
}

/** Who forgets begins anew: nothing that was known before is held against what comes. */
function isForgetful({ name }: Pick<Deed, 'name'>): boolean {
  return name === 'setMarks'
}

/** By everybody’s leave, or by the horizon. */
function collectedIn(context: StateContext, row: Row): Collected {
  const tombstone = versionOf(row)
  const limits = limitsOf(context, Number.MAX_SAFE_INTEGER)
  if (limits.some(({ upTo }) => upTo < row.position)) return { tombstone }
  return { tombstone, readers: limits.map(({ name }) => name) }
}

const stateFile = 'state'
const none = 0n as Position
const all = Number.MAX_SAFE_INTEGER
const where = { operation: 'use', component: 'simulator' }
