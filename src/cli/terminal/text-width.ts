/** Terminal cells that a text takes up, near enough: East Asian and emoji two, combining marks none. */
export function cells(text: string): number {
  if (ascii.test(text)) return text.length
  let width = 0
  for (const character of text) width += cellsOf(character)
  return width
}

/** The text padded with spaces to a width, or clipped to it with an ellipsis. */
export function fitted(text: string, width: number): string {
  const own = cells(text)
  return own > width ? clipped(text, width) : text + ' '.repeat(width - own)
}

/** The text, cut with an ellipsis when it is wider than `width`. */
export function clipped(text: string, width: number): string {
  if (text.length * 2 <= width || cells(text) <= width) return text
  let kept = ''
  let used = 0
  for (const character of text) {
    const next = cellsOf(character)
    if (used + next > width - 1) break
    used += next
    kept += character
  }
  return width < 1 ? '' : `${kept}…`
}

/**
 * The text with everything that could steer a terminal or turn the order of its letters made visible:
 * what comes from other people's events must not write elsewhere on the screen.
 */
export function visible(text: string): string {
  return text.replaceAll(steering, (character) => {
    const code = character.codePointAt(0) as number
    return `\\u${code.toString(16).padStart(4, '0')}`
  })
}

function cellsOf(character: string): number {
  if (marks.test(character)) return 0
  return wide.test(character) ? 2 : 1
}

const ascii = /^[\x20-\x7e]*$/
const marks = /^(\p{Mn}|\p{Me}|[\u200b-\u200d])/u
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this looks for
const steering = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
