import type { ProjectionSink } from '../../src/contracts/index.ts'
import { memorySink } from '../../src/projection/index.ts'
import type { SqliteStore } from '../../src/store/sqlite/index.ts'
import { testRuntime } from '../../src/testing/acceptance/event-store/test-runtime.ts'
import type { ProjectionSinkFixture } from '../../src/testing/acceptance/projection-sink/fixture.ts'
import { lacking } from '../skips.ts'
import { sqliteFixture } from './sqlite-fixture.ts'

/** A sink in memory, or what `wrap` makes of it. */
export function memorySinkFixture(
  name = 'memory',
  wrap: (sink: ProjectionSink) => ProjectionSink = (sink) => sink,
): ProjectionSinkFixture {
  const never = () => Promise.reject(new Error('it does not outlive its process'))
  return {
    name,
    capabilities: {
      durable: lacking('store/memory', 'durable'),
      multiProcess: lacking('store/memory', 'multiProcess'),
    },
    open: async () => wrap(memorySink()),
    reopen: never,
    crash: never,
    join: never,
    async dispose() {},
  }
}

/** The sinks of logs in real files, behind what `wrap` puts before them. */
export function sqliteSinkFixture(
  name = 'sqlite',
  wrap: (sink: ProjectionSink) => ProjectionSink = (sink) => sink,
): ProjectionSinkFixture {
  const files = sqliteFixture()
  const stores = new Map<ProjectionSink, SqliteStore>()
  const sinkOf = (store: SqliteStore): ProjectionSink => {
    const sink = wrap(store.projections)
    stores.set(sink, store)
    return sink
  }
  const again = (way: 'reopen' | 'crash' | 'join') => async (sink: ProjectionSink) =>
    sinkOf((await files[way](stores.get(sink) as SqliteStore)) as SqliteStore)
  return {
    name,
    capabilities: { durable: true, multiProcess: true },
    open: async () =>
      sinkOf((await files.open({ node: 'here', runtime: testRuntime() })) as SqliteStore),
    reopen: again('reopen'),
    crash: again('crash'),
    join: again('join'),
    async dispose() {
      stores.clear()
      await files.dispose()
    },
  }
}
