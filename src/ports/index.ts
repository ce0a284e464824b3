export { guardedLogger, guardedMetrics, tellListener, tellMetrics } from './guarded.ts'
export { type Health, type HealthCheck, type HealthReport, noHealth } from './health.ts'
export { type LogFields, type Logger, silentLogger } from './logger.ts'
export {
  type CallMeasure,
  type CallOutcome,
  type Metrics,
  noMetrics,
  type SyncMeasure,
} from './metrics.ts'
