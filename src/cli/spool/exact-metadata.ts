import { JsonNumber, parseLossless } from '../../json/index.ts'

/** Metadata as a value that `JSON.stringify` writes with every number digit for digit. */
export function exactMetadata(text: string): unknown {
  return exact(parseLossless(text))
}

function exact(value: unknown): unknown {
  if (typeof value === 'bigint') return new JsonNumber(String(value))
  if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return value
  if (Array.isArray(value)) return value.map(exact)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, exact(inner)]))
}
