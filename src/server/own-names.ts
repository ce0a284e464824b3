import { patternProblem, reservedNames } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import { mediaType } from '../transport/http/media.ts'
import type { PlainHandler } from '../transport/http/plain.ts'

/**
 * Throws `invalid_argument` where an object of state could stand at a path that the server answers itself: it would be
 * stored, and never read.
 */
export function checkOwnNames(mounts: readonly string[], reserved: readonly string[]): void {
  for (const own of ['/health', ...mounts]) {
    const name = own.split('/')[1] ?? ''
    const isNoPath = patternProblem(name, reserved) !== undefined
    if (isNoPath) continue
    const names = JSON.stringify([...new Set([...reservedNames, ...reserved, name])])
    const message = `state must reserve "${name}", because this server answers ${own} itself: openState({ reserved: ${names} })`
    const where = { operation: 'serve', component: 'server' }
    throw new RejoinError('invalid_argument', message, { ...where, details: { name } })
  }
}

/** What is mounted beside state: where it knows no such path, that says as well why no object can stand there. */
export function besideState(mount: string, handler: PlainHandler): PlainHandler {
  return async (request) => {
    const answer = await handler(request)
    if (answer.status !== 404 || !(answer instanceof Response)) return answer
    const { status, headers } = answer
    // A page or a picture of an application's own is none of ours, nor is what it has packed.
    if (mediaType(headers) !== 'application/json' || headers.has('content-encoding')) return answer
    const text = await answer.text()
    headers.delete('content-length')
    const words = `not found: nothing answers at ${request.pathname}, and what is below ${mount} is no path of state`
    return new Response(text.replace('"not found"', JSON.stringify(words)), { status, headers })
  }
}
