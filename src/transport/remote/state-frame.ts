import { LinkedChange, type StateChange } from '../../contracts/index.ts'
import { parseLine } from '../../event/frame-line.ts'
import { decodePage, type FrameLines } from '../../event/frame-page.ts'
import { exceedsBytes, type FrameProblem } from '../../event/index.ts'
import { scanJson } from '../../json/index.ts'
import type { DecodedPage } from './change-form.ts'
import type { ChangeLimits } from './change-limits.ts'
import { readChangeHeader, readPlainChange } from './state-header.ts'

/*
 * The native frame of a change of state: UTF-8 lines, as those of events (event/frame.ts).
 *
 *   {"path":"users/42","created":"1777636800000000001","updated":"0","note":"…"}
 *   <data: JSON on one line, exactly as written>
 *   {"path":"users/43","created":"0","updated":"1777636800000000002","tombstone":true}
 *   <an empty line>
 *   …
 *   {"end":{…}}
 *
 * Times are nanoseconds, as decimal digits. A header's keys stand in this order; `tombstone` and `note` are absent
 * when there is none. An unknown key, or one that stands twice, is refused.
 */

/** One change as a native frame: two lines, each ending in a line feed. The same change, the same text. */
export function encodeChange({ path, created, updated, dataText, note }: StateChange): string {
  let header = `{"path":${JSON.stringify(path)},"created":"${created}","updated":"${updated}"`
  if (dataText === null) header += ',"tombstone":true'
  if (note !== '') header += `,"note":${JSON.stringify(note)}`
  return `${header}}\n${dataText ?? ''}\n`
}

/**
 * Reads a page. Throws `invalid_frame` when the page itself is broken (no end line, a header that is not JSON); a
 * change that only breaks a rule becomes a problem in its place, so that its neighbours survive it.
 */
export function decodeChanges(text: string, limits: ChangeLimits): DecodedPage<LinkedChange> {
  const { decoded, end } = decodePage(text, words, (lines, index) =>
    decodeChange(lines, index, limits),
  )
  return { changes: decoded, end }
}

function decodeChange(
  { text, at, headerEnd, dataEnd }: FrameLines,
  index: number,
  { dataBytes }: ChangeLimits,
): LinkedChange | FrameProblem {
  const line = text.slice(at, headerEnd)
  const header = readPlainChange(line) ?? readChangeHeader(parseLine(line, index, words), line)
  if ('problem' in header) return header
  const { isTombstone, ...rest } = header
  const from = headerEnd + 1
  const wrong = (problem: string) => ({ problem, id: header.path })
  if (isTombstone) {
    if (dataEnd > from) return wrong('a tombstone has no data')
    return new LinkedChange({ ...rest, dataText: null })
  }
  const dataText = text.slice(from, dataEnd)
  if (exceedsBytes(dataText, '', dataBytes)) return wrong(`data is larger than ${dataBytes} bytes`)
  const stray = scanJson(text, deepestData, from, dataEnd)
  if (stray >= 0)
    return wrong(`data is not JSON of at most ${deepestData} levels, at character ${stray - from}`)
  return new LinkedChange({ ...rest, dataText })
}

const words = { plural: 'changes', component: 'transport/remote' }
const deepestData = 128
