export { canonicalJson } from './canonical.ts'
export { compactJson } from './compact.ts'
export { parseLossless, stringifyLossless } from './lossless.ts'
export { scanJson } from './scan.ts'
