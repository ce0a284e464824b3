import { styleText } from 'node:util'

/** Colours, or nothing where they don't belong. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
}

export function styleFor(
  stream: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const colourful = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  return colourful ? coloured : plain
}

const paint = (format: Parameters<typeof styleText>[0]) => (text: string) =>
  styleText(format, text, { validateStream: false })
const keep = (text: string) => text

const coloured: Style = {
  bold: paint('bold'),
  dim: paint('dim'),
  red: paint('red'),
  green: paint('green'),
  yellow: paint('yellow'),
  cyan: paint('cyan'),
}
const plain: Style = { bold: keep, dim: keep, red: keep, green: keep, yellow: keep, cyan: keep }
