import type { PushAnswer, Receipt } from '../../contracts/index.ts'
import { encodeEndLine, type FrameProblem } from '../../event/index.ts'
import { type ChangeForm, isProblem, type Sized } from './change-form.ts'

/** Frames and an end line, as bytes. */
export function encodePage<C extends Sized>(
  form: ChangeForm<C>,
  changes: readonly C[],
  end: object,
): Uint8Array<ArrayBuffer> {
  return encoder.encode(pageText(form, changes, end))
}

/** Frames and an end line, as text. */
export function pageText<C extends Sized>(
  { encode }: ChangeForm<C>,
  changes: readonly C[],
  end: object,
): string {
  let text = ''
  for (const change of changes) text += encode(change)
  return text + encodeEndLine(end)
}

/** The changes of a decoded page that may be taken in. */
export function acceptable<C extends object>(decoded: readonly (C | FrameProblem)[]): C[] {
  return decoded.filter((each): each is C => !isProblem(each))
}

/** With one receipt for each change of the page: those of the good ones, and a refusal in place of each other. */
export function inPlace(decoded: readonly object[], answer: PushAnswer): PushAnswer {
  if (answer.kind === 'reset') return answer
  let next = 0
  const receipts = decoded.map((each) =>
    isProblem(each) ? invalid(each.problem) : (answer.receipts[next++] as Receipt),
  )
  return { ...answer, receipts }
}

function invalid(message: string): Receipt {
  return { kind: 'rejected', reason: 'invalid', message, retryable: false }
}

const encoder = new TextEncoder()
