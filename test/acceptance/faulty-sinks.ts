import type { ProjectionSink, SinkCommit, SinkEntry } from '../../src/contracts/index.ts'
import type { ProjectionSinkFixture } from '../../src/testing/acceptance/projection-sink/fixture.ts'
import { memorySinkFixture, sqliteSinkFixture } from './sink-fixtures.ts'

/** Sinks with one fault each, and the tests of the suite that must notice it. */
export const faultySinks: readonly {
  readonly fixture: ProjectionSinkFixture
  readonly noticed: readonly string[]
}[] = [
  {
    fixture: memorySinkFixture('takes every commit, whatever it expects', (sink) => ({
      ...sink,
      async commit(commit, signal) {
        return sink.commit({ ...commit, expects: await sink.head(commit.name) }, signal)
      },
    })),
    noticed: ['L4: one that expects another head is refused, and writes nothing'],
  },
  {
    fixture: memorySinkFixture('looks at the head, and commits a moment later', lookingFirst),
    noticed: ['L4: of many commits on one head, exactly one is taken'],
  },
  {
    fixture: memorySinkFixture('orders texts as JavaScript does', (sink) => ({
      ...sink,
      async list(name, space, { limit, ...range }, signal) {
        const all = await sink.list(name, space, { ...range, limit: 10_000 }, signal)
        return all.toSorted(range.reverse ? descending : ascending).slice(0, limit)
      },
    })),
    noticed: ['keys are listed by code points, as UTF-8 orders them'],
  },
  {
    fixture: memorySinkFixture('takes its first bound in', (sink) => ({
      ...sink,
      async list(name, space, range, signal) {
        const found = await sink.list(name, space, range, signal)
        const { after, limit, reverse } = range
        const [value] = after === undefined ? [] : await sink.get(name, space, [after], signal)
        if (after === undefined || value === undefined) return found
        const first = { key: after, value }
        return (reverse ? [...found, first] : [first, ...found]).slice(0, limit)
      },
    })),
    noticed: [
      'both bounds are left out themselves, whether they are there or not',
      'page by page every entry comes once, both ways',
    ],
  },
  {
    fixture: memorySinkFixture('takes names of spaces for parts of a path', (sink) => ({
      ...sink,
      get: (name, space, keys, signal) => sink.get('all', `${name}${space}`, keys, signal),
      async commit(commit, signal) {
        const writes = commit.writes.map((one) => ({ ...one, space: `${commit.name}${one.space}` }))
        const isTaken = await sink.commit({ ...commit, writes: [] }, signal)
        const expects = await sink.head('all')
        return isTaken && sink.commit({ name: 'all', expects, head: '1', writes })
      },
    })),
    noticed: ['names and spaces are worlds of their own'],
  },
  {
    fixture: memorySinkFixture('forgets aborts', (sink) => ({
      ...sink,
      commit: (commit) => sink.commit(commit),
    })),
    noticed: ['commit with an aborted signal rejects with its reason and changes nothing'],
  },
  {
    fixture: sqliteSinkFixture('writes a commit behind its answer', (sink) => {
      let last: Promise<unknown> = Promise.resolve()
      return {
        head: (name, signal) => last.then(() => sink.head(name, signal)),
        get: (...args) => last.then(() => sink.get(...args)),
        list: (...args) => last.then(() => sink.list(...args)),
        async commit(commit: SinkCommit, signal) {
          signal?.throwIfAborted()
          await last
          if ((await sink.head(commit.name)) !== commit.expects) return false
          const later = new Promise((resolve) => setImmediate(resolve))
          last = later.then(() => sink.commit(commit)).catch(() => {}) // closed meanwhile
          return true
        },
      }
    }),
    noticed: [
      'L1: each commit is there, whole, after a crash',
      'L4: two who share it see what the other committed, and only one is taken',
    ],
  },
]

function lookingFirst(sink: ProjectionSink): ProjectionSink {
  return {
    ...sink,
    async commit(commit, signal) {
      if ((await sink.head(commit.name, signal)) !== commit.expects) return false
      for (;;) {
        const expects = await sink.head(commit.name)
        if (await sink.commit({ ...commit, expects }, signal)) return true
      }
    },
  }
}

function ascending({ key: one }: SinkEntry, { key: other }: SinkEntry): number {
  return one < other ? -1 : 1
}

function descending(one: SinkEntry, other: SinkEntry): number {
  return ascending(other, one)
}
