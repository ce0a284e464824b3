import { describe, it } from 'vitest'
import { projectionSinkSuite } from '../../src/testing/acceptance/projection-sink/suite.ts'
import { memorySinkFixture, sqliteSinkFixture } from './sink-fixtures.ts'

for (const fixture of [memorySinkFixture(), sqliteSinkFixture()])
  projectionSinkSuite({ describe, it }, fixture)
