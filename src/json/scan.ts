import { scanScalar, scanString, skipSpace } from './scan-token.ts'

/**
 * Whether `text`, or its part from `from` to `end`, is exactly one JSON value (RFC 8259) nested at most
 * `maxDepth` deep: -1 when it is, otherwise where the first character stands that can't be there, `end`
 * when the text ends too early. A scalar has depth 0, `[]` depth 1. Builds nothing and does not recurse,
 * so that a payload of any shape costs no memory and no stack. To look at a part in place is a third
 * faster than to cut it out: V8 reads cut strings through an indirection.
 */
export function scanJson(text: string, maxDepth: number, from = 0, end = text.length): number {
  let depth = 0
  let at = skipSpace(text, from, end)
  for (;;) {
    // A value begins here. Strings come first: most of a payload's values are some.
    const opener = at < end ? text.charCodeAt(at) : none
    if (opener === quote) at = scanString(text, at + 1, end)
    else if (opener === brace || opener === bracket) {
      if (depth >= maxDepth) return at
      if (depth === isObject.length) isObject = grown(isObject)
      isObject[depth++] = opener === brace ? 1 : 0
      at = skipSpace(text, at + 1, end)
      // '{' + 2 is '}', '[' + 2 is ']': an empty one closes below.
      if (at >= end || text.charCodeAt(at) !== opener + 2) {
        if (opener === brace) at = scanKey(text, at, end)
        if (at < 0) return ~at
        continue
      }
    } else at = scanScalar(text, at, end, opener)
    if (at < 0) return ~at

    // A value ended here: close what closes, then the next element or the end.
    for (;;) {
      at = skipSpace(text, at, end)
      if (at === end) return depth === 0 ? -1 : at
      if (depth === 0) return at
      const inObject = isObject[depth - 1] === 1
      const code = text.charCodeAt(at)
      if (code === comma) {
        at = skipSpace(text, at + 1, end)
        if (inObject) at = scanKey(text, at, end)
        if (at < 0) return ~at
        break
      }
      if (code !== (inObject ? brace : bracket) + 2) return at
      depth--
      at++
    }
  }
}

/** From a key to its value. */
function scanKey(text: string, from: number, end: number): number {
  if (from >= end || text.charCodeAt(from) !== quote) return ~from
  let at = scanString(text, from + 1, end)
  if (at < 0) return at
  at = skipSpace(text, at, end)
  if (at >= end || text.charCodeAt(at) !== colon) return ~at
  return skipSpace(text, at + 1, end)
}

function grown(old: Uint8Array): Uint8Array {
  const larger = new Uint8Array(old.length * 2)
  larger.set(old)
  return larger
}

// What is open, outermost first. Shared by all scans, which is safe because a scan never yields;
// it grows once for the deepest text anyone allows and is never made anew.
let isObject: Uint8Array = new Uint8Array(1024)

const none = -1
const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const bracket = 0x5b
const brace = 0x7b
