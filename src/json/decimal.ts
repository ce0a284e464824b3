/**
 * The exact decimal value of a JSON number: sign, digits without zeros at either end, exponent of ten.
 * Equal values have equal texts, however they were written, and nothing is rounded.
 */
export function exactDecimal(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts.exec(source) ?? []
  const written = whole + fraction
  let first = 0
  while (written.charCodeAt(first) === zero) first++
  if (first === written.length) return '0'
  let end = written.length
  while (written.charCodeAt(end - 1) === zero) end--
  const power = BigInt(exponent) + BigInt(written.length - end - fraction.length)
  const digits = sign + written.slice(first, end)
  return power === 0n ? digits : `${digits}e${power}`
}

/**
 * The number as RFC 8785 writes it, which is as JavaScript does, when that keeps its value; otherwise the
 * exact value. Equal values have equal texts.
 */
export function canonicalNumber(source: string): string {
  if (shortInteger.test(source)) return source
  const exact = exactDecimal(source)
  if (exact === '0') return '0'
  const shortest = String(Number(source))
  return isExact(shortest, exact) ? shortest : exact
}

/** Whether a JavaScript number, given as JavaScript writes it, has the exact value. */
export function isExact(shortest: string, exact: string): boolean {
  return !shortest.endsWith('Infinity') && exactDecimal(shortest) === exact
}

const parts = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([-+]?[0-9]+))?$/
const shortInteger = /^-?[1-9][0-9]{0,14}$/
const zero = 0x30
