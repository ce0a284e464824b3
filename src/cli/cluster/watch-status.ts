import { RejoinError } from '../../errors/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { CommandIo } from '../command-io.ts'
import { errorLine } from '../terminal/error-line.ts'
import type { Output } from '../terminal/output.ts'
import { wrapped } from '../terminal/table.ts'
import { timeOfDay } from '../terminal/time-text.ts'
import type { ClusterCalls } from './cluster-calls.ts'
import { statusText } from './status-text.ts'
import type { ToldStatus } from './told-status.ts'
import { troublesOf } from './troubles.ts'

export interface WatchStatusOptions {
  readonly json: boolean
  readonly runtime?: Pick<Runtime, 'now' | 'sleep'>
}

/**
 * Shows a status again and again until the signal aborts or nobody reads any more; answers with the exit code of the
 * last one. On a terminal each takes the place of the one before, elsewhere it is printed when it is another.
 */
export async function watchStatus(
  { status }: Pick<ClusterCalls, 'status'>,
  { json, runtime = systemRuntime }: WatchStatusOptions,
  { out, err, signal }: CommandIo,
): Promise<number> {
  let code = 1
  let shown = ''
  for (;;) {
    const seen = await seenNow(status, signal)
    if (seen === undefined) return code
    code = seen.status !== undefined && troublesOf(seen.status).length === 0 ? 0 : 1
    const news = JSON.stringify(seen, withoutTimes)
    const isNews = news !== shown
    shown = news
    if (out.isTerminal && !json) await out.write(`${clearScreen}${screenText(seen, out, runtime)}`)
    else if (isNews && seen.trouble !== undefined) await err.line(`${seen.trouble}; trying again`)
    else if (isNews && seen.status !== undefined)
      await out.write(
        json ? `${JSON.stringify(seen.status)}\n` : `${statusText(seen.status, out)}\n`,
      )
    if (out.gone) return code
    try {
      await runtime.sleep(pause, signal)
    } catch {
      return code
    }
  }
}

interface Seen {
  readonly status?: ToldStatus
  /** Why there is none. */
  readonly trouble?: string
}

/** `undefined` once it is interrupted. Rejects with what trying again doesn't mend. */
async function seenNow(
  status: ClusterCalls['status'],
  signal: AbortSignal,
): Promise<Seen | undefined> {
  try {
    return { status: await status(signal) }
  } catch (error) {
    if (signal.aborted) return undefined
    if (!(error instanceof RejoinError) || !error.retryable) throw error
    return { trouble: errorLine(error) }
  }
}

function screenText({ status, trouble }: Seen, out: Output, runtime: Pick<Runtime, 'now'>): string {
  const { style, columns } = out
  const body =
    status === undefined
      ? wrapped({ text: `${trouble}; trying again`, paint: style.red }, 0, columns).join('\n')
      : statusText(status, out)
  return `${body}\n${style.dim(`${timeOfDay(runtime.now())}, Ctrl-C ends this`)}\n`
}

/** What only says when somebody has looked last is no news. */
function withoutTimes(name: string, value: unknown): unknown {
  return passing.has(name) ? undefined : value
}

const passing = new Set([
  ...['time', 'asOf', 'at', 'clockOffset', 'lag', 'lastCheck', 'levelAt', 'nextAttempt', 'since'],
])
const pause = 2_000
const clearScreen = '\x1b[H\x1b[2J'
