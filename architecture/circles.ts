import { posix } from 'node:path'
import { isLivedIn } from './house.ts'
import type { Finding, SourceFile } from './syntax.ts'
import { importsOf } from './syntax.ts'

/** Folders in which circles stand all the same. A folder without one any more is found. */
export const circular: readonly CircularFolder[] = [
  {
    folder: 'src/cluster/membership/',
    reason: 'the parts of a membership are made from it, and know it by its type',
  },
  {
    folder: 'src/testing/simulator/cluster/',
    reason: 'a world and its servers know each other',
  },
]

export interface CircularFolder {
  readonly folder: string
  readonly reason: string
}

/**
 * Files of src/ that import each other in a circle: none of them can be read or moved without the others. Type imports
 * count; what is imported at run time does not, it waits until it is asked for.
 */
export function checkCircles(
  files: readonly SourceFile[],
  allowed: readonly CircularFolder[] = circular,
): Finding[] {
  const circles = circlesIn(importsBetween(files.filter(isLivedIn)))
  const isIn = (circle: readonly string[], { folder }: CircularFolder) =>
    circle.every((path) => path.startsWith(folder))
  return [
    ...circles.filter((circle) => !allowed.some((one) => isIn(circle, one))).map(circleFinding),
    ...allowed.filter((one) => !circles.some((circle) => isIn(circle, one))).map(goneFinding),
  ]
}

type Graph = ReadonlyMap<string, readonly string[]>

function importsBetween(files: readonly SourceFile[]): Graph {
  const paths = new Set(files.map(({ path }) => path))
  return new Map(
    files.map((file) => {
      const targets = importsOf(file)
        .filter(({ kind, specifier }) => kind !== 'dynamic' && specifier?.startsWith('.'))
        .map(({ specifier = '' }) => posix.join(posix.dirname(file.path), specifier))
      return [file.path, targets.filter((target) => paths.has(target))]
    }),
  )
}

/** The strongly connected parts that have several files, each in order: Tarjan's way. */
function circlesIn(graph: Graph): string[][] {
  const circles: string[][] = []
  const entered = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  /** Answers with the first file that was entered and can be reached from this one. */
  const enter = (path: string): number => {
    const number = entered.size
    let lowest = number
    entered.set(path, number)
    open.push(path)
    isOpen.add(path)
    for (const target of graph.get(path) ?? []) {
      const before = entered.get(target)
      if (before === undefined) lowest = Math.min(lowest, enter(target))
      else if (isOpen.has(target)) lowest = Math.min(lowest, before)
    }
    if (lowest < number) return lowest
    const circle = open.splice(open.indexOf(path))
    for (const one of circle) isOpen.delete(one)
    if (circle.length > 1) circles.push(circle.sort())
    return lowest
  }
  for (const path of graph.keys()) if (!entered.has(path)) enter(path)
  return circles
}

function circleFinding(circle: readonly string[]): Finding {
  const [path = '', ...others] = circle
  return { path, line: 1, message: `it imports, and is imported by, ${others.join(', ')}` }
}

function goneFinding({ folder }: CircularFolder): Finding {
  return { path: 'architecture/circles.ts', line: 1, message: `${folder} has no circle any more` }
}
