import { posix } from 'node:path'
import { driverRooms, internalRooms } from './floors.ts'

/** What one subpath of package.json `exports` points at. */
export interface Target {
  readonly types: string
  readonly default: string
}

/** The `exports` that package.json must have, given the paths of the files in src/. */
export function expectedExports(sources: readonly string[]): Record<string, Target | string> {
  const rooms = sources.filter((path) => posix.basename(path) === 'index.ts').flatMap(publicRoom)
  const entries = rooms.map((room): [string, Target] => [
    room === 'sync' ? '.' : `./${room}`,
    { types: `./dist/${room}/index.d.ts`, default: `./dist/${room}/index.js` },
  ])
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...Object.fromEntries(entries), './package.json': './package.json' }
}

function publicRoom(path: string): string[] {
  const [room = '', folder, ...deeper] = posix.dirname(path).split('/').slice(1)
  if (folder === undefined) return internalRooms.includes(room) ? [] : [room]
  // What drivers share is for drivers of users' own as well.
  return room in driverRooms && deeper.length === 0 ? [`${room}/${folder}`] : []
}
