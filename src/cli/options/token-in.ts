import type { CommandIo } from '../command-io.ts'
import { misuse } from '../misuse.ts'
import { Wrong } from './option.ts'
import { token } from './readers.ts'

/** The token in the environment, which unlike an argument no other user of the machine can see. */
export function tokenIn(env: CommandIo['env']): readonly string[] {
  const given = env.REJOIN_TOKEN
  if (given === undefined || given === '') return []
  try {
    return [token(given)]
  } catch (error) {
    // Not the token itself: this line may end up in a log.
    throw error instanceof Wrong ? misuse(`REJOIN_TOKEN ${error.message}`) : error
  }
}
