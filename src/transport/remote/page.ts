import type { PushAnswer, Receipt } from '../../contracts/index.ts'
import { encodeEndLine, encodeFrame, type FrameProblem, LogEvent } from '../../event/index.ts'

/** Frames and an end line, as bytes. */
export function encodePage(events: readonly LogEvent[], end: object): Uint8Array<ArrayBuffer> {
  return encoder.encode(pageText(events, end))
}

/** Frames and an end line, as text. */
export function pageText(events: readonly LogEvent[], end: object): string {
  let text = ''
  for (const event of events) text += encodeFrame(event)
  return text + encodeEndLine(end)
}

/** The events of a decoded page that may be taken in. */
export function acceptable(decoded: readonly (LogEvent | FrameProblem)[]): LogEvent[] {
  return decoded.filter((each) => each instanceof LogEvent)
}

/** With one receipt for each event of the page: those of the good ones, and a refusal in place of each other. */
export function inPlace(
  decoded: readonly (LogEvent | FrameProblem)[],
  answer: PushAnswer,
): PushAnswer {
  if (answer.kind === 'reset') return answer
  let next = 0
  const receipts = decoded.map((each) =>
    each instanceof LogEvent ? (answer.receipts[next++] as Receipt) : invalid(each.problem),
  )
  return { ...answer, receipts }
}

function invalid(message: string): Receipt {
  return { kind: 'rejected', reason: 'invalid', message, retryable: false }
}

const encoder = new TextEncoder()
