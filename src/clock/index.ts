export { type ClockLimits, defaultClockLimits, HybridClock, type Skew } from './hybrid-clock.ts'
export { latestUsableStamp, nanosecondsPerMillisecond, type Stamp, stampOf } from './stamp.ts'
