/**
 * A place in one log or feed: int64, strictly increasing in commit order, never reused. Means nothing
 * outside that log.
 */
export type Position = bigint & { readonly __brand: 'Position' }
