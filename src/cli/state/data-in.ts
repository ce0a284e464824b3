import { JsonText } from '../../json/json-text.ts'
import type { CommandIo } from '../command-io.ts'
import { failure, misuse } from '../misuse.ts'

/** The data to write: the argument, or standard input when there is none or it is `-`. Throws misuse. */
export async function dataIn(
  word: string | undefined,
  { stdin, signal }: CommandIo,
): Promise<JsonText> {
  if (word !== undefined && word !== '-') return jsonIn(word, 'DATA')
  if (stdin.isTTY === true) throw misuse('DATA is missing: give it, or pipe it in')
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of stdin) {
    signal.throwIfAborted()
    bytes += (piece as Buffer).byteLength
    if (bytes > mostBytes)
      throw failure('too_large', `standard input has more than ${mostBytes} bytes`)
    pieces.push(piece as Buffer)
  }
  return jsonIn(Buffer.concat(pieces).toString(), 'standard input')
}

function jsonIn(text: string, name: string): JsonText {
  try {
    return new JsonText(text.trim())
  } catch {
    const isWord = /^[\p{L}\p{N} _.-]{1,40}$/u.test(text.trim())
    throw misuse(
      isWord
        ? `${name} is no JSON; as a text it is written '${JSON.stringify(text.trim())}'`
        : `${name} is no JSON`,
    )
  }
}

const mostBytes = 64 * 1024 * 1024
