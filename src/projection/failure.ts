import { RejoinError } from '../errors/index.ts'
import type { FoldedEvent } from './projection-options.ts'

/** An event that could not be folded, as it is kept and listed. */
export interface DeadLetter {
  readonly id: string
  readonly key: string
  readonly type: string
  readonly aggregateId: string
  /** What its fold threw. */
  readonly message: string
}

/** The fold of an event threw, or took too long. */
export class FoldFailure extends Error {
  override readonly name = 'FoldFailure'
  readonly letter: DeadLetter

  constructor(event: FoldedEvent, key: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    const { id, type, aggregateId } = event
    this.letter = { id, key, type, aggregateId, message: this.message }
  }

  /** As users see it. */
  toError(projection: string): RejoinError {
    const { id, key, type } = this.letter
    const late = this.cause instanceof RejoinError && this.cause.code === 'timeout'
    const what = `projection ${projection} can't fold the event ${id} (${type}): ${this.message}`
    return new RejoinError(late ? 'timeout' : 'internal', what, {
      operation: 'fold',
      component: 'projection',
      cause: this.cause,
      retryable: late,
      details: { projection, key, event: id, type },
    })
  }
}
