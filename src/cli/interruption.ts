import { constants } from 'node:os'

/** Why a command's signal aborted: the reason carries the exit code that shells expect. */
export class Interruption extends Error {
  readonly exitCode: number

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}`)
    this.exitCode = 128 + constants.signals[signal]
  }
}

export function exitCodeOf(reason: unknown): number {
  return reason instanceof Interruption ? reason.exitCode : 130
}
