import { describe, it } from 'vitest'
import {
  stateTransportSuite,
  transportSuite,
} from '../../src/testing/acceptance/transport/suite.ts'
import {
  httpCompatFixture,
  httpHandlerFixture,
  httpSocketFixture,
  httpStateFixture,
} from './http-fixtures.ts'
import { memoryStateTransportFixture, memoryTransportFixture } from './memory-transport-fixture.ts'
import {
  hybridFixture,
  hybridStateFixture,
  webSocketFixture,
  webSocketStateFixture,
} from './websocket-fixture.ts'

for (const fixture of [
  memoryTransportFixture(),
  httpHandlerFixture(),
  httpSocketFixture(),
  httpCompatFixture(),
  webSocketFixture(),
  hybridFixture(),
])
  transportSuite({ describe, it }, fixture)

for (const fixture of [
  memoryStateTransportFixture(),
  httpStateFixture(),
  webSocketStateFixture(),
  hybridStateFixture(),
])
  stateTransportSuite({ describe, it }, fixture)
