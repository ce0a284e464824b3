import { describe, it } from 'vitest'
import { eventStoreSuite } from '../../src/testing/acceptance/event-store/suite.ts'
import { journalFixture, memoryFixture } from './memory-fixture.ts'
import { sqliteFixture } from './sqlite-fixture.ts'

for (const fixture of [memoryFixture(), journalFixture(), sqliteFixture()])
  eventStoreSuite({ describe, it }, fixture)
