import type { Random } from './random.ts'

/** Who there is, and who calls whom. */
export interface Topology {
  readonly name: string
  readonly nodes: readonly string[]
  /** From the caller to the called; changes travel both ways. */
  readonly links: readonly (readonly [string, string])[]
}

/** Two to five nodes, connected in one of the ways people connect them. */
export function drawTopology(random: Random): Topology {
  const nodes = ['a', 'b', 'c', 'd', 'e'].slice(0, random.int(2, 5))
  const name = nodes.length < 3 ? 'chain' : random.pick(Object.keys(shapes) as Shape[])
  return { name, nodes, links: shapes[name](nodes) }
}

type Shape = keyof typeof shapes

const shapes = {
  star: ([hub, ...leaves]: readonly string[]) => leaves.map((leaf) => wire(leaf, hub)),

  /** Every leaf uses both hubs, and the hubs know each other. */
  'two hubs': ([hub, other, ...leaves]: readonly string[]) => [
    wire(hub, other),
    ...leaves.flatMap((leaf) => [wire(leaf, hub), wire(leaf, other)]),
  ],

  chain: (nodes: readonly string[]) => nodes.slice(1).map((node, at) => wire(node, nodes[at])),

  /** Everyone calls everyone, so two nodes may call each other at the same instant. */
  mesh: (nodes: readonly string[]) =>
    nodes.flatMap((node) => nodes.filter((one) => one !== node).map((one) => wire(node, one))),
} satisfies Record<string, (nodes: readonly string[]) => (readonly [string, string])[]>

function wire(from: string | undefined, to: string | undefined): readonly [string, string] {
  return [from as string, to as string]
}
