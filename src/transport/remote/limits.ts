import { fields, type Known, type Where, wholeNumber } from '../../errors/check.ts'

/** The most that one call to a remote moves. */
export interface RemoteLimits {
  /** Changes in one push or page. */
  readonly count: number
  /** Bytes of events in one push or page, roughly: the change that reaches it still belongs to it. */
  readonly bytes: number
  /** Ids in one fetch. */
  readonly ids: number
}

export const defaultRemoteLimits: RemoteLimits = {
  count: 2_000,
  bytes: 4 * 1024 * 1024,
  ids: 1_000,
}

/**
 * The defaults with what was given; throws `invalid_argument` naming a limit under which nothing moves, or one that is
 * not `known`. Without that, more limits may stand beside these.
 */
export function remoteLimitsOf(
  given: Partial<RemoteLimits> = {},
  where: Where,
  known?: Known<RemoteLimits>,
): RemoteLimits {
  const limits = fields('limits', given, where, known)
  const checked = (key: keyof RemoteLimits) =>
    wholeNumber(`limits.${key}`, limits[key] ?? defaultRemoteLimits[key], where, { from: 1 })
  return { count: checked('count'), bytes: checked('bytes'), ids: checked('ids') }
}
