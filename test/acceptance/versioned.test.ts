import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { vectorClockManager, versionedStore } from '../../src/store/versioned/index.ts'
import { eventStoreSuite } from '../../src/testing/acceptance/event-store/suite.ts'
import { reasonToSkip, skips } from '../skips.ts'
import { memoryFixture } from './memory-fixture.ts'

/** A version takes its place in the metadata, so these can't hold as they are written. */
const changed = new Set(
  skips.filter((one) => one.implementation === 'store/versioned').map(({ test }) => test),
)

const left = new Set<string>()
const others = (name: string, run: () => Promise<void>) => {
  if (!changed.has(name)) return it(name, run)
  left.add(name)
  return it.skip(`${name} (${reasonToSkip('store/versioned', name)})`, run)
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
  expect(changed.size).toBeGreaterThan(0)
  expect(left).toEqual(changed)
})
