import type { Scenario } from './scenario.ts'
import type { Topology } from './topology.ts'

/** Scenarios with less in them than this one, each by one step; those that take away most come first. */
export function* smaller(scenario: Scenario): Generator<Scenario> {
  for (const change of changes) {
    const changed = change(scenario)
    if (changed !== undefined) yield { ...scenario, ...changed }
  }
  for (const node of scenario.topology.nodes.slice(0, -1)) {
    const fewer = withoutNode(scenario, node)
    if (fewer !== undefined) yield { ...scenario, ...fewer }
  }
  for (const [at] of scenario.disasters.entries())
    yield { ...scenario, disasters: scenario.disasters.toSpliced(at, 1) }
  for (const [at] of scenario.outages.entries())
    yield { ...scenario, outages: scenario.outages.toSpliced(at, 1) }
  for (const [node, turns] of scenario.filters) {
    const fewer = new Map(scenario.filters)
    if (turns.length > 1) fewer.set(node, turns.slice(0, -1))
    else fewer.delete(node)
    yield { ...scenario, filters: fewer }
  }
}

/** What happens every so often, at random. */
type Every = Extract<Exclude<keyof Scenario, 'appendEvery' | 'syncEvery'>, `${string}Every`>

type Change = (scenario: Scenario) => Partial<Scenario> | undefined

const never = Number.POSITIVE_INFINITY

const changes: readonly Change[] = [
  shorter(0.25),
  shorter(0.5),
  fewerNodes,
  ({ links }) => (links === 'live' ? { links: 'rounds' } : undefined),
  ({ disasters }) => (disasters.length > 1 ? { disasters: [] } : undefined),
  ({ filters }) => (filters.size > 1 ? { filters: new Map() } : undefined),
  without('crashEvery'),
  without('partitionEvery'),
  without('diskTroubleEvery'),
  without('clockJumpEvery'),
  without('fidgetEvery'),
  without('eraseEvery'),
  ({ weather }) => (weather.loss > 0 ? { weather: { ...weather, loss: 0 } } : undefined),
  ({ weather }) =>
    weather.duplication > 0 ? { weather: { ...weather, duplication: 0 } } : undefined,
  ({ weather }) => (weather.delay > 5 ? { weather: { ...weather, delay: 5 } } : undefined),
  ({ readers }) => (readers > 0 ? { readers: 0 } : undefined),
  ({ readers }) => (readers > 1 ? { readers: 1 } : undefined),
  ({ clocks }) => (clocks.size > 0 ? { clocks: new Map() } : undefined),
  ({ oneWay, partitionEvery }) =>
    oneWay > 0 && partitionEvery === never ? { oneWay: 0 } : undefined,
  ({ aggregates }) => (aggregates.length > 1 ? { aggregates: aggregates.slice(0, 1) } : undefined),
  ({ batch }) => (batch < 1_000 ? { batch: 1_000 } : undefined),
  fewerEvents(0.5),
  fewerEvents(0.9),
  shorter(0.8),
]

/** What was drawn up to that time stays as it was: the world is the same one, cut short. */
function shorter(part: number): Change {
  return ({ troubledTime }) => {
    const time = Math.floor(troubledTime * part)
    return time < 100 ? undefined : { troubledTime: time }
  }
}

function fewerEvents(part: number): Change {
  return ({ mostEvents, troubledTime, appendEvery, topology }) => {
    const expected = (2 * troubledTime * topology.nodes.length) / appendEvery
    const most = Math.floor(Math.min(mostEvents, expected) * part)
    return most < 1 ? undefined : { mostEvents: most }
  }
}

function without(what: Every): Change {
  return (scenario) => (scenario[what] < never ? { [what]: never } : undefined)
}

function fewerNodes(scenario: Scenario): Partial<Scenario> | undefined {
  return withoutNode(scenario, scenario.topology.nodes.at(-1))
}

/** Not where the others would be cut off from each other for good, which is a failure of its own. */
function withoutNode(
  { topology, outages }: Scenario,
  node: string | undefined,
): Partial<Scenario> | undefined {
  const nodes = topology.nodes.filter((one) => one !== node)
  const links = topology.links.filter((link) => link.every((name) => name !== node))
  if (nodes.length < 2 || !areConnected(nodes, links)) return undefined
  return {
    topology: { ...topology, nodes, links },
    outages: outages.filter((outage) => outage.node !== node),
  }
}

function areConnected(nodes: Topology['nodes'], links: Topology['links']): boolean {
  const reached = new Set(nodes.slice(0, 1))
  for (const _ of nodes)
    for (const link of links)
      if (link.some((name) => reached.has(name))) for (const name of link) reached.add(name)
  return reached.size === nodes.length
}
