export type { LinkProgress, LinkResult } from './result.ts'
export { type Change, type LinkOptions, syncOnce } from './sync-once.ts'
