import { deepStrictEqual } from 'node:assert/strict'
import type { ProjectionSink, SinkEntry, SinkRange, SinkWrite } from '../../../contracts/index.ts'
import { type KeptCheck, keptChecks, type Reopening, reopening } from '../kept.ts'
import type { Runner } from '../runner.ts'
import type { ProjectionSinkCapabilities, ProjectionSinkFixture } from './fixture.ts'

/** What each test is handed: ways to open sinks. */
export interface SinkBench extends Reopening<ProjectionSink> {
  /** A new, empty sink. */
  open(): Promise<ProjectionSink>
}

export type SinkCheck = KeptCheck<SinkBench, keyof ProjectionSinkCapabilities>

export function sinkCheckWith(runner: Runner, fixture: ProjectionSinkFixture): SinkCheck {
  return keptChecks(runner, fixture, () => ({
    open: () => fixture.open(),
    ...reopening(fixture),
  }))
}

export const name = 'orders'
export const space = 'results'

/** Values under keys in one space. */
export function puts(values: Readonly<Record<string, string | null>>, into = space): SinkWrite[] {
  return Object.entries(values).map(([key, value]) => ({ space: into, key, value }))
}

/** Commits on top of whatever is there, as nobody else does at this moment; answers with the new head. */
export async function put(
  sink: ProjectionSink,
  values: Readonly<Record<string, string | null>>,
): Promise<string> {
  const expects = await sink.head(name)
  const head = `${Number(expects ?? 0) + 1}`
  deepStrictEqual(await sink.commit({ name, expects, head, writes: puts(values) }), true)
  return head
}

/** Keys as they are listed. */
export async function keysIn(
  sink: ProjectionSink,
  range: Partial<SinkRange> = {},
): Promise<readonly string[]> {
  return (await entriesIn(sink, range)).map(({ key }) => key)
}

/** Entries as plain objects, whatever a driver's rows are. */
export async function entriesIn(
  sink: ProjectionSink,
  range: Partial<SinkRange> = {},
): Promise<readonly SinkEntry[]> {
  const entries = await sink.list(name, space, { limit: 10_000, ...range })
  return entries.map(({ key, value }) => ({ key, value }))
}

/** All that the tests of this suite look at. */
export async function contentOf(sink: ProjectionSink): Promise<object> {
  return { head: await sink.head(name), entries: await entriesIn(sink) }
}
