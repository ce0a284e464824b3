export { withDeadline } from './deadline.ts'
export { type Runtime, systemRuntime, type Timer } from './runtime.ts'
export { uuidv7 } from './uuid.ts'
