import { describe, expect, it } from 'vitest'
import { type BlockCause, drawLink, linkEvents, linkPhases, linkTable } from '../src/link/index.ts'
import { ranBlocks } from './doc-blocks.ts'
import { pageCode } from './page-code.ts'

const { page, blocks, printed } = pageCode('live-sync.md')

describe('docs/live-sync.md', () => {
  it('shows code that runs', () => {
    expect(printed()).toEqual([
      "{ text: 'hello' }\n",
      "[ 'sse', 'websocket', 'both' ]\n",
      'waiting - waits before it tries again - 1 unsent\nunreachable true\n1\n',
      '1n\n2n\nrejected id_conflict\n',
      '1n\n',
    ])
  })

  it('has the drawing of the table as it is (scripts/draw-link.ts makes it)', () => {
    const drawn = blocks.filter(({ language }) => language === 'mermaid').map(({ code }) => code)
    expect(drawn).toEqual([drawLink()])
    ranBlocks(...drawn)
  })

  it('explains every cause', () => {
    const section = page.slice(page.indexOf('| cause |'), page.indexOf('A live link waits'))
    const told = [...section.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z-]+)`/g)].map(([, cause]) => cause),
    )
    expect(told.toSorted()).toEqual(Object.keys(every).toSorted())
  })
})

describe('the drawing of a link', () => {
  it('has an arrow for every cell that leads somewhere, and no other', () => {
    const arrows = [...drawLink().matchAll(/^ {2}(\w+) --> (\w+): (.*)$/gm)]
    const drawn = arrows.flatMap(([, from, to, events = '']) =>
      events.split(', ').map((event) => `${from} ${event} ${to}`),
    )
    const table = linkPhases.flatMap((from) =>
      linkEvents.flatMap((event) => {
        const outcome = linkTable[from][event]
        return outcome === 'ignored' ? [] : [`${from} ${event} ${outcome.to}`]
      }),
    )
    expect(drawn.toSorted()).toEqual(table.toSorted())
  })
})

/** The compiler refuses one that is missing here. */
const every: Readonly<Record<BlockCause, true>> = {
  unauthorized: true,
  forbidden: true,
  rejected: true,
  clock: true,
  busy: true,
  failing: true,
  timeout: true,
  unreachable: true,
  'disk-full': true,
  storage: true,
  incompatible: true,
  unsettled: true,
  interval: true,
  paused: true,
  stopped: true,
  closed: true,
  internal: true,
}
