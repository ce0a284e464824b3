import { parseLossless } from '../../src/json/index.ts'
import type { StateTree } from '../../src/state/index.ts'
import type { Random } from '../../src/testing/simulator/random.ts'

/**
 * Writes to a served tree and remembers what it was promised, however often the server dies. Nobody else writes
 * to its own paths; `pushed/*` and `shared` are everybody's.
 */
export class StateWriter {
  readonly #name: string
  readonly #random: Random
  readonly #answered: () => void
  /** What may stand at each of its own paths: one thing, and more only while a write has no answer. */
  readonly #own = new Map<string, readonly Standing[]>()
  readonly #pushed = new Map<string, string>()
  readonly #unanswered = new Set<string>()
  /** Its field of the shared object. */
  #field: readonly number[] = [0]
  #number = 0
  /** Writes that were answered. */
  acknowledged = 0
  /** Of those the ones whose times were read back at once. */
  timed = 0
  isWaiting = false

  constructor(name: string, random: Random, answered: () => void) {
    this.#name = name
    this.#random = random
    this.#answered = answered
  }

  /** Writes until the server is cut off; rejects when anything goes wrong before that. */
  async writeUntil(cut: AbortSignal, url: string): Promise<void> {
    while (!cut.aborted)
      try {
        await this.#write(url)
      } catch (error) {
        if (!cut.aborted) throw error
      }
  }

  /** Holds a tree against what was promised; what is uncertain is known from then on. */
  async check(tree: StateTree): Promise<Findings> {
    const problems: string[] = []
    let unansweredThere = 0
    for (const [path, standings] of this.#own) {
      const object = await tree.get(path)
      const found = object && { text: object.dataText, times: timesOf(object) }
      const at = standings.findIndex((one) => isSame(one, found))
      if (at < 0)
        problems.push(`${path} is ${shown(found)}, not ${standings.map(shown).join(' or ')}`)
      if (at > 0) unansweredThere++
      this.#own.set(path, [found])
    }
    for (const [index, text] of this.#pushed) {
      const found = (await tree.get(`pushed/${index}`))?.dataText
      if (found !== text) problems.push(`pushed/${index} is ${found}, not ${text}`)
    }
    const shared = (await tree.get<Record<string, number>>('shared'))?.data ?? {}
    const field = shared[this.#name] ?? 0
    if (!this.#field.includes(field))
      problems.push(`${this.#name} of shared is ${field}, not ${this.#field.join(' or ')}`)
    if (this.#field.length > 1 && field !== this.#field[0]) unansweredThere++
    this.#field = [field]
    return { problems, unansweredThere }
  }

  /** Whether it has sent this, to be pushed. */
  hasPushed(index: string, text: string): boolean {
    return this.#pushed.get(index) === text || this.#unanswered.has(text)
  }

  async #write(url: string): Promise<void> {
    const kind = this.#random.next()
    if (kind < 0.2) return this.#push(url)
    if (kind < 0.3) return this.#share(url)
    const path = `own/${this.#name}/${this.#random.int(0, 11)}`
    const standings = this.#own.get(path) ?? [undefined]
    const [held] = standings
    const isCertain = standings.length === 1
    if (isCertain && held !== undefined && kind < 0.4)
      await this.#change(url, path, 'DELETE', undefined, undefined)
    else if (isCertain && held !== undefined && kind < 0.6) {
      const number = ++this.#number
      const text = held.text.replace(/"number":\d+/, `"number":${number}`)
      await this.#change(url, path, 'PATCH', `{"number":${number}}`, { ...held, text })
    } else {
      const text = this.#text()
      await this.#change(url, path, 'POST', text, { text })
    }
  }

  async #change(
    url: string,
    path: string,
    method: string,
    body: string | undefined,
    made: Standing,
  ): Promise<void> {
    const before = this.#own.get(path) ?? [undefined]
    const then = made && { text: made.text }
    this.#own.set(path, [...before, then])
    await this.#send(`${url}/${path}`, method, body)
    this.#own.set(path, [then])
    if (then === undefined || this.#random.chance(0.5)) return
    const answer = await fetch(`${url}/${path}`)
    const object = parseLossless(await answer.text()) as Timed
    this.#own.set(path, [{ ...then, times: timesOf(object) }])
    this.timed++
  }

  async #push(url: string): Promise<void> {
    const text = this.#text()
    this.#unanswered.add(text)
    const answer = await this.#send(`${url}/pushed/*`, 'POST', text)
    this.#pushed.set((JSON.parse(answer) as { index: string }).index, text)
    this.#unanswered.delete(text)
  }

  async #share(url: string): Promise<void> {
    const number = ++this.#number
    this.#field = [...this.#field, number]
    const body = JSON.stringify({ [this.#name]: number })
    await this.#send(`${url}/shared`, 'PATCH', body)
    this.#field = [number]
  }

  async #send(url: string, method: string, body: string | undefined): Promise<string> {
    this.isWaiting = true
    const answer = await fetch(url, { method, ...(body !== undefined && { body }) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`)
    this.isWaiting = false
    this.acknowledged++
    this.#answered()
    return text
  }

  /** Never the same twice, and with a number that JavaScript would round. */
  #text(): string {
    const pad = 'x'.repeat(this.#random.int(0, 200))
    return `{"by":"${this.#name}","number":${++this.#number},"big":9007199254740993,"pad":"${pad}"}`
  }
}

export interface Findings {
  readonly problems: readonly string[]
  /** Writes that had no answer, and are there. */
  readonly unansweredThere: number
}

/** Nothing, or an object, whose times are known where they were read back. */
type Standing = { readonly text: string; readonly times?: string } | undefined

interface Timed {
  readonly created: bigint | number
  readonly updated: bigint | number
}

function timesOf({ created, updated }: Timed): string {
  return `${created} ${updated}`
}

function isSame(one: Standing, found: Standing): boolean {
  if (one === undefined || found === undefined) return one === found
  return one.text === found.text && (one.times === undefined || one.times === found.times)
}

function shown(standing: Standing): string {
  return standing === undefined ? 'nothing' : `${standing.text} (${standing.times ?? 'any time'})`
}
