import { describe, it } from 'vitest'
import { eventStoreSuite } from '../../src/testing/acceptance/event-store/suite.ts'
import { journalFixture, memoryFixture } from './memory-fixture.ts'
import { sqliteFixture } from './sqlite-fixture.ts'

for (const fixture of [
  memoryFixture(),
  journalFixture(),
  sqliteFixture(),
  sqliteFixture('sqlite with readers and a name of its own', { readers: 1, tableName: 'order' }),
])
  eventStoreSuite({ describe, it }, fixture)
