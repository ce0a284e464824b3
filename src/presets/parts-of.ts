import type { Known } from '../errors/check.ts'

/**
 * The options of what stands beside a node, and the node's: what both know is for both. A name that neither knows
 * goes to the node, which refuses it.
 */
export function partsOf<Own extends object, Node extends object>(
  options: Own & Node,
  own: Known<Own>,
  shared: readonly string[],
): { readonly own: Own; readonly node: Node } {
  const given = Object.entries(options ?? {})
  const isOwn = (name: string) => Object.hasOwn(own, name)
  const mine = given.filter(([name]) => isOwn(name))
  const others = given.filter(([name]) => !isOwn(name) || shared.includes(name))
  return { own: Object.fromEntries(mine) as Own, node: Object.fromEntries(others) as Node }
}
