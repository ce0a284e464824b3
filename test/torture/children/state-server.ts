// Serves a tree over one file for as long as it lives:
//
//     opening                      the file is about to be opened
//     listening URL
import { serve } from '../../../src/server/index.ts'
import { openState, stateServer } from '../../../src/state/index.ts'
import { SqliteStateStorage } from '../../../src/store/sqlite/index.ts'
import { given, say } from './talk.ts'

export interface StateServerSetup {
  readonly path: string
  readonly durability: 'full' | 'normal'
}

const { path, durability } = given<StateServerSetup>()
say('opening')
const storage = await SqliteStateStorage.open({ path, durability })
const state = stateServer(await openState({ storage }))
const { url } = await serve({ mounts: {}, state, port: 0 })
say('listening', url)
