import { RejoinError } from '../../errors/index.ts'
import { told } from '../../transport/remote/told.ts'

/** A request that gets an answer other than its own. */
export class StateRefusal extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/** Runs what an application has plugged in: what it throws refuses the request with its message. */
export async function asked<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw refusalBy(error)
  }
}

/** As `asked`, where waiting is not possible. */
export function askedAtOnce<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw refusalBy(error)
  }
}

/** What to say about what went wrong. */
export function refusalOf(error: unknown): StateRefusal {
  if (error instanceof StateRefusal) return error
  const { status, message, retryAfter } = told(error)
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter / 1000) }
  return new StateRefusal(status, message, headers)
}

/** What something plugged in has thrown, as the answer to the request. */
export function refusalBy(error: unknown): StateRefusal {
  if (error instanceof StateRefusal || error instanceof RejoinError) return refusalOf(error)
  const message = error instanceof Error && error.message !== '' ? error.message : 'refused'
  return new StateRefusal(400, message)
}
