import { type ErrorCode, RejoinError } from '../../errors/index.ts'

/** An error as one line: what happened, and what to do about it. */
export function errorLine(error: unknown): string {
  const message = oneLine(error instanceof Error ? error.message : String(error))
  const advice = error instanceof RejoinError ? adviceFor(error) : undefined
  if (advice === undefined || message.toLowerCase().includes(advice.toLowerCase())) return message
  return `${message.replace(/[.;]$/, '')}; ${advice}`
}

/** What to do; `undefined` when the message says all there is to say. */
export function adviceFor({ code, component }: RejoinError): string | undefined {
  // Rooms that say it in their own messages.
  if (component === 'cli' || component === 'rules-file') return undefined
  return component === 'client' ? stateAdvice[code] : advice[code]
}

const advice: Partial<Record<ErrorCode, string>> = {
  network: 'nothing is lost: sync again when the remote can be reached',
  timeout: 'nothing is lost: sync again, or allow more time',
  unauthorized: "give the server's token with --token or in REJOIN_TOKEN",
  forbidden: 'ask whoever runs the server for access',
  not_found: 'check the address',
  unavailable: 'nothing is lost: sync again in a while',
  rejected: 'refused events stay here and are offered again at the next sync',
  unsettled: 'nothing is lost: sync again',
  clock: "set this device's clock right and try again",
  storage_full: 'free some space and try again',
  storage_readonly: 'check who owns the file and its folder',
  storage_busy: 'another process is busy with the file: try again',
  internal: 'this is a bug in rejoin: REJOIN_DEBUG=1 shows where',
}

/** Of what a state server was asked for: nothing has been kept for later. */
const stateAdvice: Partial<Record<ErrorCode, string>> = {
  network: 'check the address, or try again later',
  timeout: 'try again later',
  unauthorized: advice.unauthorized as string,
  forbidden: advice.forbidden as string,
  unavailable: 'try again later',
  protocol: 'check the address',
  internal: advice.internal as string,
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim()
}
