import { aggregateOf, type EventLine, uuidOf } from './events.ts'

/** What somebody else writes meanwhile: on aggregates of its own, and on files that change at the same time. */
export function reviewNotes(paths: readonly string[]): string {
  const notes: EventLine[] = Array.from({ length: 300 }, (_, at) => ({
    id: uuidOf(`note ${at}`),
    type: 'ReviewNoteAdded',
    aggregateId: at % 3 === 0 ? aggregateOf(paths[at % paths.length] ?? '') : `review-${at % 10}`,
    data: { text: `Note ${at}: shouldn't this be simpler?`, by: 'Grace' },
  }))
  return notes.map((note) => `${JSON.stringify(note)}\n`).join('')
}
