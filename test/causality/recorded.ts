import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Graph } from './graph.ts'

const file = join(import.meta.dirname, '../../../shared/data/friendsforever.json.gz')

/** Two people who typed at once, as it was; kept beside the project, not in it. */
export const isRecorded = existsSync(file)

export function recordedGraph(): Graph {
  const { txns } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Recording
  return txns.map(({ agent, parents, patches }) => ({ agent, parents, data: patches }))
}

interface Recording {
  readonly txns: readonly {
    readonly agent: number
    readonly parents: readonly number[]
    readonly patches: unknown
  }[]
}
