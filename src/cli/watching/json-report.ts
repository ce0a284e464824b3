import type { Explanation, SyncResult } from '../../sync/index.ts'
import { adviceFor } from '../terminal/error-line.ts'
import type { Output } from '../terminal/output.ts'
import { exitCode, StateNews, type WatchReport } from './watch-report.ts'

/** One JSON object a line: `moved`, `state` whenever another one begins, and `end`. */
export function jsonReport(out: Output, pushes: boolean): WatchReport {
  const news = new StateNews()
  const line = (kind: string, fields: object) => out.line(JSON.stringify({ kind, ...fields }))
  return {
    moved: (result) => line('moved', moved(result)),
    progress: () => {},
    async state(explanation) {
      if (news.isNew(explanation)) await line('state', state(explanation))
    },
    closing: () => {},
    async end(end) {
      const code = exitCode(end, pushes)
      await line('end', { ok: code === 0, unsent: end.unsent ?? null, refused: end.refused })
      return code
    },
  }
}

function moved({ errors, ...result }: SyncResult): object {
  return { ...result, errors: errors.map((error) => error.toJSON()) }
}

function state({ blocked, remote: _, ...explanation }: Explanation): object {
  if (blocked === undefined) return explanation
  const { error, ...told } = blocked
  if (error === undefined) return { ...explanation, blocked: told }
  const advice = adviceFor(error)
  return { ...explanation, blocked: { ...told, error: { ...error.toJSON(), advice } } }
}
