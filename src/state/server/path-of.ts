import { patternProblem } from '../../contracts/index.ts'
import { StateRefusal } from './refusal.ts'

/** The key or pattern that a request names; throws a refusal for what can be none. What the tree reserves, it refuses. */
export function keyPathOf(
  { pathname }: Pick<URL, 'pathname'>,
  reserved: readonly string[],
): string {
  const path = decoded(pathname.slice(1))
  const problem = patternProblem(path, reserved)
  if (problem === undefined) return path
  throw new StateRefusal(400, `the path ${JSON.stringify(path.slice(0, 100))} ${problem}`)
}

function decoded(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    throw new StateRefusal(400, 'the path is not percent-encoded UTF-8')
  }
}
