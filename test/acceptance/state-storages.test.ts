import { describe, it } from 'vitest'
import { stateStorageSuite } from '../../src/testing/acceptance/state-storage/suite.ts'
import { cachedStateFixture, memoryStateFixture, sqliteStateFixture } from './state-fixtures.ts'

for (const fixture of [memoryStateFixture(), sqliteStateFixture(), cachedStateFixture()])
  stateStorageSuite({ describe, it }, fixture)
