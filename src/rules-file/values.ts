import { isMap, isScalar, isSeq } from 'yaml'
import { Fields, type Read } from './fields.ts'
import { type Node, type Source, shown } from './source.ts'

type Plain = string | number | boolean | null

/** A value that has a JSON form, of any depth. */
export function jsonIn(source: Source, name: string): Read<unknown> {
  const read = (node: Node): unknown => {
    if (isMap(node)) return mapIn(source, name, read)(node)
    if (isSeq(node)) return node.items.map((item) => read(item as Node))
    return plainIn(source, name)(node)
  }
  return read
}

/** A text, number, true, false or null. */
export function plainIn(source: Source, name: string): Read<Plain> {
  return (node) => {
    const value = isScalar(node) ? node.value : undefined
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (Number.isFinite(value)) return value as number
    const given = shown(node)
    source.error(node, `${name} must be a text, a number, true, false or null, not ${given}`)
    return undefined
  }
}

/** A map with whatever keys. */
export function mapIn<T>(
  source: Source,
  name: string,
  read: Read<T>,
): Read<Readonly<Record<string, T>>> {
  return (node) => {
    const fields = new Fields(node, name, source)
    const entries = fields.names.map((key) => [key, fields.get(key, read) as T] as const)
    // Unlike an assignment, this makes a field even of `__proto__`.
    return Object.fromEntries(entries)
  }
}
