import { describe, it } from 'vitest'
import { transportSuite } from '../../src/testing/acceptance/transport/suite.ts'
import { httpCompatFixture, httpHandlerFixture, httpSocketFixture } from './http-fixtures.ts'
import { memoryTransportFixture } from './memory-transport-fixture.ts'
import { hybridFixture, webSocketFixture } from './websocket-fixture.ts'

for (const fixture of [
  memoryTransportFixture(),
  httpHandlerFixture(),
  httpSocketFixture(),
  httpCompatFixture(),
  webSocketFixture(),
  hybridFixture(),
])
  transportSuite({ describe, it }, fixture)
