import { sharedKeys } from './cluster-server.ts'

/** What a client reads of all that a cluster shares. */
export interface Listing {
  readonly objects: ReadonlyMap<string, Held>
  /** Equal on two servers that hold the same values at the same times. */
  readonly text: string
}

/** Created and updated, in nanoseconds, as digits; the value as JSON. */
export interface Held {
  readonly created: string
  readonly updated: string
  readonly data: string
}

/**
 * Clients of a cluster, and what they were promised, kept outside all servers: of each path, the last write that was
 * acknowledged, and when it was under way. Each path is written through one server at a time, so the last one stands.
 */
export class ClusterWrites {
  readonly #promised = new Map<string, Promised>()
  /** Of all paths. */
  acknowledged = 0

  async set(url: string, path: string, data: unknown): Promise<void> {
    const body = JSON.stringify(data)
    await this.#write(path, body, async () => ask('POST', `${url}/${path}`, body))
  }

  /** Adds to `things/*`. Answers with the path. */
  async push(url: string, data: unknown): Promise<string> {
    const body = JSON.stringify(data)
    const from = Date.now()
    const { index } = JSON.parse(await ask('POST', `${url}/things/*`, body)) as { index: string }
    const path = `things/${index}`
    this.#keep(path, { data: body, from, to: Date.now() })
    return path
  }

  async remove(url: string, path: string): Promise<void> {
    await this.#write(path, undefined, () => ask('DELETE', `${url}/${path}`))
  }

  /** An entry of a node, which is no part of what is compared. */
  async announce(url: string, entry: object): Promise<void> {
    await ask('POST', url, JSON.stringify(entry))
  }

  async read(url: string): Promise<Listing> {
    const texts = await Promise.all(
      sharedKeys.map(async (key) => {
        const answer = await fetch(`${url}/${key}`)
        const text = await answer.text()
        if (answer.ok) return text
        if (answer.status === 404 && !key.endsWith('*')) return '[]'
        throw new Error(`GET ${url}/${key}: ${answer.status} ${text}`)
      }),
    )
    const objects = texts.flatMap((text) => [JSON.parse(exactTimes(text))].flat() as Stored[])
    const held = objects.map(({ path, created, updated, data }): [string, Held] => [
      path,
      { created, updated, data: JSON.stringify(data) },
    ])
    const sorted = held.toSorted(([one], [other]) => (one < other ? -1 : 1))
    return { objects: new Map(sorted), text: JSON.stringify(sorted) }
  }

  /** What is not as promised in what one server holds. */
  problemsIn({ objects }: Listing): string[] {
    const problems = this.lostIn({ objects }).map((path) => {
      const { data = 'nothing' } = this.#promised.get(path) as Promised
      return `${path} should be ${data}, and is ${objects.get(path)?.data ?? 'nothing'}`
    })
    for (const path of objects.keys())
      if (!this.#promised.has(path)) problems.push(`nobody has written ${path}`)
    return problems
  }

  /** The paths whose last acknowledged write is not there, by value and time. */
  lostIn({ objects }: Pick<Listing, 'objects'>): string[] {
    return [...this.#promised].flatMap(([path, promised]) =>
      isKept(promised, objects.get(path)) ? [] : [path],
    )
  }

  isDeleted(path: string): boolean {
    return this.#promised.has(path) && this.#promised.get(path)?.data === undefined
  }

  async #write(path: string, data: string | undefined, ask: () => Promise<unknown>) {
    const from = Date.now()
    await ask()
    this.#keep(path, { data, from, to: Date.now() })
  }

  #keep(path: string, promised: Promised): void {
    this.#promised.set(path, promised)
    this.acknowledged++
  }
}

/** As JSON, `undefined`: deleted; made between these times, in milliseconds since 1970. */
interface Promised {
  readonly data: string | undefined
  readonly from: number
  readonly to: number
}

interface Stored {
  readonly path: string
  readonly created: string
  readonly updated: string
  readonly data: unknown
}

function isKept({ data, from, to }: Promised, held: Held | undefined): boolean {
  if (data === undefined || held === undefined) return data === held
  const { created, updated } = held
  const time = Math.max(Number(BigInt(created) / million), Number(BigInt(updated) / million))
  return held.data === data && time >= from - tolerance && time <= to + tolerance
}

/** What was acknowledged; throws where it was not. */
async function ask(method: string, url: string, body?: string): Promise<string> {
  const answer = await fetch(url, { method, ...(body === undefined ? {} : { body }) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`)
  return text
}

/** Nanoseconds go beyond what a number of JavaScript's holds. */
function exactTimes(json: string): string {
  return json.replace(/"(created|updated)":(\d+)/g, '"$1":"$2"')
}

const million = 1_000_000n
/** Milliseconds: servers read their clocks in steps of their own. */
const tolerance = 5
