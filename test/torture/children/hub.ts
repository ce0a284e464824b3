// Serves the log in a file:
//
//     opening
//     listening URL
//
// Leaves with its parent.
import { serve } from '../../../src/server/index.ts'
import { SqliteStore } from '../../../src/store/sqlite/index.ts'
import { logHandler } from '../../../src/transport/http/index.ts'
import { given, heard, say } from './talk.ts'

export interface HubOptions {
  readonly path: string
}

const { path } = given<HubOptions>()
say('opening')
const store = await SqliteStore.open({ path, node: 'hub' })
const server = await serve({ port: 0, mounts: { '/sync': logHandler(store) } })
say('listening', server.url)
for await (const _ of heard());
process.exit()
