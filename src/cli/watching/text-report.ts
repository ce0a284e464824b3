import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { SyncResult } from '../../sync/index.ts'
import { counted } from '../terminal/figures.ts'
import type { Output } from '../terminal/output.ts'
import { Progress } from '../terminal/progress.ts'
import { clipped } from '../terminal/text-width.ts'
import { timeOfDay } from '../terminal/time-text.ts'
import { stateText, unsentText } from './state-text.ts'
import { exitCode, StateNews, type WatchEnd, type WatchReport } from './watch-report.ts'

export interface TextReportOptions {
  readonly url: string
  readonly pushes: boolean
  readonly runtime?: Pick<Runtime, 'now' | 'monotonic'>
}

/**
 * For people: a line for whatever moves. The state is one line that goes on changing on a terminal, and
 * elsewhere a line whenever another one begins. In a sync that takes long, a bar stands there instead.
 */
export function textReport(
  out: Output,
  { url, pushes, runtime = systemRuntime }: TextReportOptions,
): WatchReport {
  const news = new StateNews()
  const line = (text: string) => out.line(`${out.style.dim(timeOfDay(runtime.now()))}  ${text}`)
  const status = (text: string) => {
    // A full line would wrap, and then taking it away leaves half of it behind.
    out.status(clipped(text, (out.columns ?? 80) - 1))
  }
  status(`connecting to ${url}`)
  let bar: Progress | undefined
  let isDrawn = false
  return {
    moved: (result) => line(movedText(result)),
    progress(state) {
      bar ??= new Progress(out, runtime)
      if (bar.show(state)) isDrawn = true
    },
    async state(explanation) {
      if (explanation.phase === 'syncing' && isDrawn) return
      // Another sync has another bar, and is worth one only when it takes long, too.
      if (explanation.phase !== 'syncing') {
        bar = undefined
        isDrawn = false
      }
      const text = stateText(explanation, { now: runtime.now(), pushes, counts: out.isTerminal })
      if (out.isTerminal) status(text)
      else if (news.isNew(explanation)) await line(text)
    },
    closing: () => status('stopping'),
    async end(end) {
      out.status('')
      await line(`stopped: ${endText(end, pushes)}`)
      return exitCode(end, pushes)
    },
  }
}

function movedText({ pushed, pulled, conflictsToReview }: SyncResult): string {
  const moved = [
    ...(pushed > 0 ? [`pushed ${counted(pushed, 'event')}`] : []),
    ...(pulled > 0 ? [`pulled ${counted(pulled, 'event')}`] : []),
    ...(conflictsToReview > 0 ? [`${counted(conflictsToReview, 'conflict')} to review`] : []),
  ]
  return moved.join(', ')
}

function endText(end: WatchEnd, pushes: boolean): string {
  if (!pushes) return 'what was pulled is here'
  if (exitCode(end, pushes) === 0) return 'the remote has everything'
  const { unsent, refused } = end
  if (unsent === undefined)
    return 'the remote was not reached; what it lacks goes with the next sync'
  const left = [
    ...(unsent.count > 0 || unsent.more ? [`${unsentText(unsent)}, to go with the next sync`] : []),
    ...(refused > 0 ? [`${counted(refused, 'event')} refused by the remote`] : []),
  ]
  return left.join('; ')
}
