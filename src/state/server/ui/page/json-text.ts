/** JSON text with line breaks; its numbers stay as they are, digit for digit. */
export function indented(text: string): string {
  let depth = 0
  const newLine = () => `\n${'  '.repeat(depth)}`
  return text.replace(tokens, (token) => {
    if (token.startsWith('"')) return token
    const [first = ''] = token
    if (/\s/.test(first)) return ''
    if (first === ':') return ': '
    if (first === ',') return `,${newLine()}`
    if (token.length > 1) return token.replaceAll(/\s/g, '')
    depth += first === '{' || first === '[' ? 1 : -1
    return first === '{' || first === '[' ? first + newLine() : newLine() + first
  })
}

/** The text of an object's `data`, which the server writes last. */
export function dataIn(objectText: string): string {
  return objectText.slice(objectText.indexOf('"data":') + '"data":'.length, -1)
}

const tokens = /"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}[\],:]|\s+/g
