import { seededRandom } from '../../src/testing/simulator/random.ts'
import type { Edit, Graph } from './graph.ts'

export interface Making {
  readonly seed: string
  readonly edits: number
  readonly agents: number
  /** How likely it is that one hears of another before an edit, and then of one more. */
  readonly hears: number
  /** How many edits one writes before it is another's turn, about. */
  readonly turn: number
}

/** People who write in turns and hear of each other late: what arrives is seldom another's newest edit. */
export function generatedGraph({ seed, edits, agents, hears, turn }: Making): Graph {
  const random = seededRandom(seed)
  const graph: Edit[] = []
  /** By agent: each of its edits, with how many of each agent's edits were known after it. */
  const written = Array.from({ length: agents }, (): { at: number; knows: number[] }[] => [])
  const knowledge = written.map(() => written.map(() => 0))
  let agent = 0
  while (graph.length < edits) {
    const knows = knowledge[agent]!
    while (random.chance(hears)) {
      const other = random.int(0, agents - 1)
      const unheard = written[other]!.length - knows[other]!
      if (unheard === 0) continue
      const heard = written[other]![knows[other]! + random.int(0, unheard - 1)]!
      heard.knows.forEach((count, of) => {
        knows[of] = Math.max(knows[of]!, count)
      })
    }
    const newest = knows.map((count, of) => (count === 0 ? undefined : written[of]![count - 1]))
    const parents = newest.flatMap((one, of) => {
      const isKnownToAnother = newest.some(
        (another) => another !== one && (another?.knows[of] ?? 0) >= knows[of]!,
      )
      return one === undefined || isKnownToAnother ? [] : [one.at]
    })
    knows[agent]!++
    written[agent]!.push({ at: graph.length, knows: [...knows] })
    graph.push({ agent, parents, data: { n: graph.length } })
    if (random.chance(1 / turn)) agent = random.int(0, agents - 1)
  }
  return graph
}
