import { aFunction, fields, type Where } from '../../../errors/check.ts'
import type { VersionForm } from '../compat/versions.ts'

/** Decimal integers up to 2^64 - 1, as Go's SQLite and PostgreSQL stores have them; empty text is 0. */
export const decimalGoVersions: VersionForm = {
  parse(version) {
    if (version === '') return 0n
    if (!decimal.test(version)) return undefined
    const number = BigInt(version)
    return number > largest ? undefined : number
  },
  format: String,
}

/** Throws `invalid_argument` naming what is no function. */
export function goVersionsOf(given: VersionForm | undefined, where: Where): VersionForm {
  if (given === undefined) return decimalGoVersions
  const { parse, format } = fields('versions', given, where)
  aFunction('versions.parse', parse, where)
  aFunction('versions.format', format, where)
  return given
}

const decimal = /^-?[0-9]{1,20}$/
const largest = 2n ** 64n - 1n
