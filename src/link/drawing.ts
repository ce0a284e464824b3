import { linkEvents, linkPhases, linkTable } from './phases.ts'

/** The table of phases as a Mermaid state diagram: an arrow for each pair of phases, with what leads along it. */
export function drawLink(): string {
  const lines = ['stateDiagram-v2', '  [*] --> stopped']
  for (const from of linkPhases)
    for (const to of linkPhases) {
      const events = linkEvents.filter((event) => {
        const outcome = linkTable[from][event]
        return outcome !== 'ignored' && outcome.to === to
      })
      if (events.length > 0) lines.push(`  ${from} --> ${to}: ${events.join(', ')}`)
    }
  return [...lines, '  closed --> [*]', ''].join('\n')
}
