/** Who wrote what, and what they knew: edits in an order that puts parents first. */
export type Graph = readonly Edit[]

export interface Edit {
  /** From 0. Each agent's edits descend from those before. */
  readonly agent: number
  /** Indexes of the newest edits its writer knew: none of them is an ancestor of another. */
  readonly parents: readonly number[]
  readonly data: unknown
}

export interface Shape {
  readonly edits: number
  readonly agents: number
  /** Edits that more than one other names as parent. */
  readonly forks: number
  /** Edits with several parents. */
  readonly merges: number
  /** The most parents of one edit. */
  readonly widest: number
}

export function shapeOf(graph: Graph): Shape {
  const children = new Map<number, number>()
  for (const { parents } of graph)
    for (const parent of parents) children.set(parent, (children.get(parent) ?? 0) + 1)
  return {
    edits: graph.length,
    agents: new Set(graph.map(({ agent }) => agent)).size,
    forks: [...children.values()].filter((count) => count > 1).length,
    merges: graph.filter(({ parents }) => parents.length > 1).length,
    widest: graph.reduce((most, { parents }) => Math.max(most, parents.length), 0),
  }
}
