import type { PlainHeaders } from '../transport/http/plain.ts'

/** The headers of a Node request as `Headers` would have them. They are few, and few are asked for. */
export class NodeHeaders implements PlainHeaders {
  /** Names and values, in turn. */
  readonly #raw: readonly string[]

  constructor(raw: readonly string[]) {
    this.#raw = raw
  }

  get(name: string): string | null {
    const raw = this.#raw
    let found: string | null = null
    for (let at = 0; at < raw.length; at += 2)
      if (isNamed(raw[at] as string, name))
        found = found === null ? (raw[at + 1] as string) : `${found}, ${raw[at + 1]}`
    return found
  }

  has(name: string): boolean {
    return this.get(name) !== null
  }
}

function isNamed(given: string, name: string): boolean {
  return given.length === name.length && given.toLowerCase() === name
}
