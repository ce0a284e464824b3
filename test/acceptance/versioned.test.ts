import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { vectorClockManager, versionedStore } from '../../src/store/versioned/index.ts'
import { eventStoreSuite } from '../../src/testing/acceptance/event-store/suite.ts'
import { memoryFixture } from './memory-fixture.ts'

/** A version takes its place in the metadata, so these can't hold as they are written. */
const changed = new Set([
  'names of 255 bytes and an event of 1 MiB are accepted',
  'one append holds 8 MiB of letters and not much more',
  'one append holds 8 MiB of wide letters and not much more',
  'no data is null, no metadata is empty',
  'metadata, schema version and names come back as given',
])

const left = new Set<string>()
const others = (name: string, run: () => Promise<void>) => {
  if (changed.has(name)) left.add(name)
  else it(name, run)
}

eventStoreSuite(
  { describe, it: Object.assign(others, { skip: it.skip }) },
  {
    ...memoryFixture(),
    name: 'versioned',
    open: async (setup) => versionedStore(await MemoryStore.open(setup), vectorClockManager()),
  },
)

it('a versioned store promises all that its store promises, but for the metadata', () => {
  expect(left).toEqual(changed)
})
