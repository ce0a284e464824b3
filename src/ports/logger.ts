/** Where Rejoin writes what operators want to read. `pino`, `console` wrappers and test spies all fit. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** Structured values beside a message. An `Error` under `error` is printed with its cause. */
export type LogFields = Readonly<Record<string, unknown>>

/** The default: nothing is written. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
}
