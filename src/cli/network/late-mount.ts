import type { Mount } from '../../server/index.ts'

/** A place for what is not there yet: answers 503 until it is given what to serve. */
export class LateMount {
  #mount: Mount | undefined

  serve(mount: Mount): void {
    this.#mount = mount
  }

  readonly answer: Mount = (request) => this.#mount?.(request) ?? notYet()
}

function notYet(): Response {
  const error = { code: 'unavailable', message: 'the log is being opened', retryable: true }
  const headers = { 'cache-control': 'no-store', 'retry-after': '1' }
  return Response.json({ error }, { status: 503, headers })
}
