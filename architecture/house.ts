import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { driverRooms, floors, loaders, nodeOnly, sameFloor } from './floors.ts'
import type { Finding, Import, SourceFile } from './syntax.ts'
import { importsOf } from './syntax.ts'

/** Everything in `files` that breaks the house plan of floors.ts. */
export function checkHouse(files: readonly SourceFile[]): Finding[] {
  return files.filter(isLivedIn).flatMap((file) => [
    ...checkRoom(file),
    ...importsOf(file).flatMap((entry) => {
      const message = checkImport(file.path, entry)
      return message ? [{ path: file.path, line: entry.line, message }] : []
    }),
  ])
}

/** Test files are exempt from the house rules, and so is what only they read. */
export function isLivedIn({ path }: SourceFile): boolean {
  return !path.endsWith('.test.ts') && !path.includes('/fixtures/')
}

function checkRoom({ path }: SourceFile): Finding[] {
  const room = roomOf(path)
  if (room && floorOf(room) !== undefined) return []
  const message = room
    ? `the room "${room}" is not in the table of architecture/floors.ts`
    : 'a file of src/ must live in a room'
  return [{ path, line: 1, message }]
}

function checkImport(path: string, entry: Import): string | undefined {
  const { specifier, kind } = entry
  if (specifier === undefined && loaders.some(({ file }) => file === path)) return undefined
  if (specifier === undefined) return 'import() must name its module in a string literal'
  if (specifier === 'rejoin' || specifier.startsWith('rejoin/'))
    return `${kind} import of "${specifier}": inside the house, use the relative path`
  if (isBuiltin(specifier))
    return isCore(path) ? `${kind} import of "${specifier}" in the core bundle` : undefined
  if (!specifier.startsWith('.')) return undefined
  const target = posix.normalize(posix.join(posix.dirname(path), specifier))
  const problem =
    wrongWay(path, target) ?? otherDriver(path, target) ?? nodeInCore(path, target, entry)
  return problem && `${kind} import of "${specifier}": ${problem}`
}

function wrongWay(path: string, target: string): string | undefined {
  const from = roomOf(path)
  const to = roomOf(target)
  if (!to) return 'it is outside every room of src/'
  const fromFloor = from === undefined ? undefined : floorOf(from)
  const toFloor = floorOf(to)
  if (toFloor === undefined) return `the room "${to}" is not in the table of architecture/floors.ts`
  if (fromFloor === undefined || from === to || toFloor < fromFloor) return undefined
  if (toFloor > fromFloor)
    return `"${to}" (floor ${toFloor}) is above "${from}" (floor ${fromFloor})`
  if (sameFloor.some((allowed) => allowed.from === from && allowed.to === to)) return undefined
  return `"${to}" is on the same floor as "${from}"`
}

function otherDriver(path: string, target: string): string | undefined {
  const [room, folder] = foldersOf(path)
  const [targetRoom, targetFolder] = foldersOf(target)
  const rule = driverRooms[room ?? '']
  if (!rule || room !== targetRoom || !folder || folder === targetFolder) return undefined
  if (targetFolder && rule.shared.includes(targetFolder)) return undefined
  return `the driver "${room}/${folder}" may not use "${room}/${targetFolder ?? ''}"`
}

function nodeInCore(path: string, target: string, entry: Import): string | undefined {
  if (!isCore(path) || isCore(target) || entry.isErased || entry.kind === 'dynamic')
    return undefined
  return 'it would pull code that needs Node into the core bundle'
}

function isCore(path: string): boolean {
  const inside = path.split('/').slice(1)
  if (inside.includes('node') || inside.at(-1) === 'node.ts') return false
  return !nodeOnly.some((place) => `${inside.join('/')}/`.startsWith(`${place}/`))
}

function floorOf(room: string): number | undefined {
  const index = floors.findIndex((rooms) => rooms.includes(room))
  return index < 0 ? undefined : index + 1
}

function roomOf(path: string): string | undefined {
  return foldersOf(path)[0]
}

/** The folders between src/ and the file; none for a path outside src/. */
function foldersOf(path: string): string[] {
  const [top, ...rest] = path.split('/')
  return top === 'src' ? rest.slice(0, -1) : []
}
