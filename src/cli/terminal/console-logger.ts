import type { LogFields, Logger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { Output } from './output.ts'
import type { Style } from './style.ts'
import { visible } from './text-width.ts'
import { clockTime, isoTime } from './time-text.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export interface ConsoleLoggerOptions {
  readonly level: LogLevel
  /** `pretty` for people, `json` for whatever collects logs: one object a line. */
  readonly format: 'pretty' | 'json'
  readonly runtime?: Pick<Runtime, 'now'>
}

/** A logger for a terminal or a log collector. Never waits and never fails: a log must not stop the work. */
export function consoleLogger(output: Output, options: ConsoleLoggerOptions): Logger {
  const { level, format, runtime = systemRuntime } = options
  const least = logLevels.indexOf(level)
  const at =
    (of: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (logLevels.indexOf(of) < least) return
      const entry = { level: of, message, fields, time: runtime.now() }
      const line = format === 'json' ? jsonLine(entry) : prettyLine(entry, output.style)
      output.line(line).catch(() => {})
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

interface LogEntry {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields
  readonly time: number
}

function jsonLine({ level, message, fields, time }: LogEntry): string {
  return JSON.stringify({ time: isoTime(time), level, message, ...fields }, plainValue)
}

function prettyLine({ level, message, fields, time }: LogEntry, style: Style): string {
  const values = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`)
  const tail = values.length === 0 ? '' : `  ${style.dim(visible(values.join(' ')))}`
  return `${style.dim(clockTime(time))} ${labels[level](style)} ${visible(message)}${tail}`
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /[\s"=]/.test(value) ? JSON.stringify(value) : value
  if (value instanceof Error) return JSON.stringify(errorText(value))
  return JSON.stringify(value, plainValue) ?? String(value)
}

/** An error with everything that caused it, on one line. */
function errorText(error: Error): string {
  const { message, cause } = error
  return cause instanceof Error ? `${message}: ${errorText(cause)}` : message
}

function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Error && !('toJSON' in value))
    return { name: value.name, message: errorText(value), stack: value.stack }
  return value
}

const labels: Record<LogLevel, (style: Style) => string> = {
  debug: (style) => style.dim('DEBUG'),
  info: (style) => style.green('INFO '),
  warn: (style) => style.yellow('WARN '),
  error: (style) => style.red('ERROR'),
}
