import type { StreamMessage } from './event-stream.ts'

/** Puts the messages of an event stream together, however it is cut into pieces. */
export class EventStreamDecoder {
  readonly #most: number
  readonly #over: () => Error
  /** Of a line that has not ended. */
  #pieces: string[] = []
  #data: string[] = []
  #event: string | undefined
  #id = ''
  #size = 0

  /** Throws what `over` gives for a message of more than `most` characters. */
  constructor(most: number, over: () => Error) {
    this.#most = most
    this.#over = over
  }

  *decode(text: string): Generator<StreamMessage> {
    let from = 0
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      const rest = text.slice(from, to)
      this.#count(rest.length)
      const line = this.#pieces.length === 0 ? rest : this.#pieces.join('') + rest
      this.#pieces = []
      from = to + 1
      const message = this.#line(line)
      if (message !== undefined) yield message
    }
    if (from === text.length) return
    this.#count(text.length - from)
    this.#pieces.push(text.slice(from))
  }

  #count(characters: number): void {
    this.#size += characters
    if (this.#size > this.#most) throw this.#over()
  }

  #line(line: string): StreamMessage | undefined {
    if (line === '' || line === '\r') return this.#message()
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    // A payload may hold a carriage return, between tokens: it is no end of a line here.
    if (name === 'data') this.#data.push(value)
    else if (name === 'event') this.#event = withoutReturn(value)
    else if (name === 'id') this.#id = withoutReturn(value)
    return undefined
  }

  #message(): StreamMessage | undefined {
    const [data, event] = [this.#data, this.#event]
    this.#data = []
    this.#event = undefined
    this.#size = 0
    if (data.length === 0) return undefined
    const whole = `${data.join('\n')}\n`
    return { id: this.#id, ...(event !== undefined && { event }), data: whole }
  }
}

function withoutReturn(value: string): string {
  return value.endsWith('\r') ? value.slice(0, -1) : value
}
