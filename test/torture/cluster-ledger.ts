import { compareChanges, type StateChange, sameChange, timeOf } from '../../src/contracts/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'

export type WriteKind = 'set' | 'push' | 'patch' | 'delete'

/** A write as it was sent; `at`: milliseconds since 1970. */
export interface Attempt {
  readonly id: string
  readonly kind: WriteKind
  /** For a push, the list. */
  readonly path: string
  readonly body: string | undefined
  readonly at: number
}

/** What stands at each path of one server, tombstones too. */
export type Standing = ReadonlyMap<string, StateChange>

/**
 * What clients of a cluster were promised, by whatever server. It knows of each acknowledged write its value and when
 * it was made: exactly, where it was read back, and else that it was while the client waited. All run by one clock.
 */
export class ClusterLedger {
  readonly #attempts = new Map<string, Attempt>()
  readonly #answers = new Map<string, { readonly at: number; readonly index?: string }>()
  readonly #refused = new Set<string>()
  readonly #seen: StateChange[] = []

  /** Takes what writers have said, line by line. */
  hear(lines: readonly string[]): void {
    for (const line of lines) {
      const space = line.indexOf(' ')
      const [word, rest] = [line.slice(0, space), line.slice(space + 1)]
      if (word === 'refused') this.#refused.add(rest)
      if (word === 'sending') this.#send(JSON.parse(rest))
      if (word === 'answered') this.#answer(JSON.parse(rest))
      if (word === 'seen') this.#see(JSON.parse(rest))
    }
  }

  /** Writes that were acknowledged. */
  get acknowledged(): number {
    return this.#answers.size
  }

  /** Of these the ones whose times were read back. */
  get timed(): number {
    return this.#exact().size
  }

  /** Paths that several clients have changed. */
  get contended(): number {
    const writers = Map.groupBy(this.#attempts.values(), ({ path }) => path)
    const byMany = [...writers].filter(
      ([path, all]) => !path.endsWith('*') && new Set(all.map(writerOf)).size > 1,
    )
    return byMany.length
  }

  /**
   * What is wrong with what stands on a server once all have exchanged everything: each acknowledged write stands
   * there by value and time, or one that was made later does.
   */
  problemsIn(standing: Standing): readonly string[] {
    const exact = this.#exact()
    const byPath = Map.groupBy(this.#attempts.values(), (one) => this.#pathOf(one))
    const pushedThere = new Set<string>()
    const problems: string[] = []
    for (const path of new Set([...byPath.keys(), ...standing.keys()])) {
      if (path.endsWith('/*')) continue
      const attempts = byPath.get(path) ?? this.#unansweredPush(standing.get(path), pushedThere)
      problems.push(...this.#problemsAt(path, standing.get(path), attempts, exact))
    }
    return problems
  }

  #problemsAt(
    path: string,
    found: StateChange | undefined,
    attempts: readonly Attempt[],
    exact: ReadonlyMap<string, StateChange>,
  ): readonly string[] {
    const acknowledged = attempts.filter(({ id }) => this.#answers.has(id))
    const seen = attempts.flatMap(({ id }) => exact.get(id) ?? [])
    if (found === undefined)
      return acknowledged.map(({ id }) => `${id} is acknowledged, and nothing is at ${path}`)
    const by = attempts.find((one) => this.#isBy(one, found, exact.get(one.id)))
    if (by === undefined) return [`nobody has written ${shown(found)}`]
    const time = timeOf(found)
    const lost = acknowledged.filter(({ id, at }) => id !== by.id && time < nanoseconds(at))
    const older = seen.filter((one) => compareChanges(found, one, systemRuntime) < 0)
    return [
      ...lost.map(({ id }) => `${id} is acknowledged, and ${shown(found)}, which is older`),
      ...older.map((one) => `${shown(one)} was seen, and ${shown(found)}, which is older`),
    ]
  }

  /** Whether a write made this: its value, at a time when it was under way. */
  #isBy(
    { id, kind, at, body }: Attempt,
    found: StateChange,
    seen: StateChange | undefined,
  ): boolean {
    const { dataText } = found
    const time = timeOf(found)
    const answer = this.#answers.get(id)
    if (this.#refused.has(id) || time < nanoseconds(at)) return false
    if (answer !== undefined && time > nanoseconds(answer.at) + tolerance) return false
    if (dataText === null) return kind === 'delete'
    if (seen !== undefined) return sameChange(seen, found)
    return kind === 'patch' ? lastIn(dataText) === id : dataText === body
  }

  /** A push that had no answer went to an index that nobody was told. */
  #unansweredPush(found: StateChange | undefined, there: Set<string>): readonly Attempt[] {
    const id = found?.dataText == null ? undefined : lastIn(found.dataText)
    const attempt = id === undefined ? undefined : this.#attempts.get(id)
    if (attempt?.kind !== 'push' || this.#answers.has(attempt.id)) return []
    if (there.size === there.add(attempt.id).size) return []
    return [attempt]
  }

  /** What was read back of each write that was still there. */
  #exact(): ReadonlyMap<string, StateChange> {
    return new Map(this.#seen.map((one) => [lastIn(one.dataText ?? '') ?? '', one]))
  }

  #pathOf({ id, kind, path }: Attempt): string {
    const index = this.#answers.get(id)?.index
    return kind === 'push' && index !== undefined ? `${path.slice(0, -1)}${index}` : path
  }

  #send(attempt: Attempt): void {
    this.#attempts.set(attempt.id, attempt)
  }

  #answer({
    id,
    ...answer
  }: {
    readonly id: string
    readonly at: number
    readonly index?: string
  }) {
    this.#answers.set(id, answer)
  }

  #see({ path, text }: { readonly path: string; readonly text: string }): void {
    const [, created = '', updated = '', dataText = ''] = objectForm.exec(text) ?? []
    this.#seen.push({
      path,
      created: BigInt(created),
      updated: BigInt(updated),
      dataText,
      note: '',
    })
  }
}

/** A clock read in whole milliseconds gives out times within the one it shows. */
const tolerance = nanoseconds(5)

function nanoseconds(milliseconds: number): bigint {
  return BigInt(milliseconds) * 1_000_000n
}

/** The id of the write that changed it last. */
function lastIn(dataText: string): string | undefined {
  return /"last":"([^"]*)"/.exec(dataText)?.[1]
}

function shown({ path, created, updated, dataText }: StateChange): string {
  return `${path} is ${dataText ?? 'deleted'} (${created} ${updated})`
}

function writerOf({ id }: Attempt): string {
  return id.slice(0, id.lastIndexOf('-'))
}

const objectForm =
  /^\{"created":(\d+),"updated":(\d+),"index":"[^"]*","path":"[^"]*","data":(.*)\}\s*$/s
