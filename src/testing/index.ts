export {
  type CollectedRunner,
  collectedRunner,
  type Failure,
} from './acceptance/collected-runner.ts'
export type {
  EventStoreCapabilities,
  EventStoreFixture,
  StoreSetup,
} from './acceptance/event-store/fixture.ts'
export { eventStoreSuite } from './acceptance/event-store/suite.ts'
export type {
  ProjectionSinkCapabilities,
  ProjectionSinkFixture,
} from './acceptance/projection-sink/fixture.ts'
export { projectionSinkSuite } from './acceptance/projection-sink/suite.ts'
export type { Capability, Lacking, Runner } from './acceptance/runner.ts'
export type {
  StateSetup,
  StateStorageCapabilities,
  StateStorageFixture,
} from './acceptance/state-storage/fixture.ts'
export { stateStorageSuite } from './acceptance/state-storage/suite.ts'
export type {
  TransportCapabilities,
  TransportFixture,
  TransportSetup,
} from './acceptance/transport/fixture.ts'
export { stateTransportSuite, transportSuite } from './acceptance/transport/suite.ts'
export type {
  Asynchronous,
  Gate,
  Hook,
  Hooks,
  RecordedCall,
  Script,
  When,
} from './doubles/script.ts'
export {
  type Scripted,
  type ScriptedOptions,
  scripted,
  scriptedStore,
  scriptedTransport,
} from './doubles/scripted.ts'
export {
  type ResolverCall,
  type ResolverHook,
  type ResolverScript,
  scriptedResolver,
} from './doubles/scripted-resolver.ts'
export type { Act, Application, SimulatedProcess } from './simulator/application.ts'
export {
  addCounts,
  type Counts,
  type Erasing,
  erasings,
  type Fault,
  type Filtering,
  type FollowingCount,
  faults,
  filterings,
  followings,
  noCounts,
  type Rescue,
  rescues,
} from './simulator/counts.ts'
export {
  Disk,
  type DiskImage,
  type DiskOptions,
  type DiskState,
  type OpenFile,
} from './simulator/disk.ts'
export { diskJournal } from './simulator/disk-journal.ts'
export { failureReport } from './simulator/failure-report.ts'
export { Fence } from './simulator/fence.ts'
export { drawFilters, type FilterPlan, type FilterTurn } from './simulator/filters.ts'
export type { Weather } from './simulator/line.ts'
export { fairWeather, Network, type NetworkOptions } from './simulator/network.ts'
export type { Caller } from './simulator/network-call.ts'
export { type ClockError, type NodeClock, nodeClock } from './simulator/node-clock.ts'
export { type NodeRuntimeOptions, nodeRuntime } from './simulator/node-runtime.ts'
export { override } from './simulator/override.ts'
export type { Plant } from './simulator/plant.ts'
export { type Random, seededRandom } from './simulator/random.ts'
export {
  addRun,
  countsTable,
  failureText,
  noRuns,
  type Summary,
  untried,
} from './simulator/report.ts'
export type { Disaster, Outage, Scenario } from './simulator/scenario.ts'
export { testCode } from './simulator/scenario-code.ts'
export { type RunEnd, type RunLimits, Scheduler } from './simulator/scheduler.ts'
export { type ShrinkOptions, type Shrunk, shrink } from './simulator/shrink.ts'
export { type SimulationOptions, type SimulationRun, simulate } from './simulator/simulation.ts'
export type { Topology } from './simulator/topology.ts'
export { Trace } from './simulator/trace.ts'
export type { Finding } from './simulator/world.ts'
