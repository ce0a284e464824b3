import { aFunction, fields, type Known, oneOf, type Where } from '../../../errors/check.ts'
import type { Position } from '../../../version/index.ts'

/**
 * How versions are written for go-sync-kit's clients. A version is the position of an entry in this log, so
 * that later entries have greater ones.
 */
export interface VersionForm {
  /** The position a version stands for, negative for before everything; `undefined` for what is none. */
  parse(version: string): bigint | undefined
  format(position: bigint): string
}

/** What go-sync-kit's clients find under `push`, `pull`, `latest-version` and `pull-cursor`. */
export interface CompatOptions {
  /**
   * The latest version of an empty log. Default `0`, as Go's server says; an unmodified Go client refuses
   * that, and pushes everything it has when it reads `-1`.
   */
  readonly emptyVersion?: '0' | '-1'
  /** Default: decimal integers, as Go's SQLite and PostgreSQL stores have them. */
  readonly versions?: VersionForm
}

/** Decimal integers of 64 bits; the empty text is 0. */
export const decimalVersions: VersionForm = {
  parse(version) {
    if (version === '') return 0n
    if (!decimal.test(version)) return undefined
    const number = BigInt(version.replace('+', ''))
    return number > largest || number < -largest - 1n ? undefined : number
  },
  format: String,
}

/** The options with their defaults; `invalid_argument` naming one that makes no sense. */
export function compatOptionsOf(given: CompatOptions, where: Where): Required<CompatOptions> {
  const { emptyVersion = '0', versions = decimalVersions } = fields(
    'compat',
    given,
    where,
    compatOptionNames,
  )
  oneOf('compat.emptyVersion', emptyVersion, ['0', '-1'], where)
  const form = fields('compat.versions', versions, where)
  aFunction('compat.versions.parse', form.parse, where)
  aFunction('compat.versions.format', form.format, where)
  return { emptyVersion, versions }
}

/** The position after which a client wants events; everything negative is before the first. */
export function afterOf(number: bigint): Position {
  return (number < 0n ? 0n : number) as Position
}

const decimal = /^[+-]?[0-9]{1,40}$/
const largest = 2n ** 63n - 1n

const compatOptionNames: Known<CompatOptions> = { emptyVersion: true, versions: true }
