import { styleText } from 'node:util'

/** `1 event`, `5,000 events`. */
export function count(number: number, noun: string, nouns = `${noun}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : nouns}`
}

/** Tells on the terminal what happens, and keeps count of what was checked. */
export class Story {
  #step = 0
  failed = 0

  title(text: string): void {
    console.log(`\n${styleText('bold', text)}\n`)
  }

  step(name: string, text: string): void {
    this.#step++
    const number = styleText('dim', String(this.#step).padStart(2))
    console.log(`${number}  ${styleText('cyan', name.padEnd(12))}${text}`)
  }

  more(text: string): void {
    const room = (process.stdout.columns ?? Number.POSITIVE_INFINITY) - 16
    const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text
    console.log(`${' '.repeat(16)}${styleText('dim', shown)}`)
  }

  check(holds: boolean, text: string): void {
    if (!holds) this.failed++
    const mark = holds ? styleText('green', '✔') : styleText('red', '✘')
    console.log(`${' '.repeat(16)}${mark} ${text}`)
  }
}
