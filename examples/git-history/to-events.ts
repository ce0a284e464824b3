// Prints a git repository's history as events, one a line:
//   node examples/git-history/to-events.ts PATH | npx rejoin append --store laptop.db
import { once } from 'node:events'
import { changesOf } from './changes.ts'
import { eventOf } from './events.ts'

for await (const change of changesOf(process.argv[2] ?? '.')) {
  if (!process.stdout.write(`${JSON.stringify(eventOf(change))}\n`))
    await once(process.stdout, 'drain')
}
