import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { detached } from '../../src/store/sqlite/detached.ts'

/** Somebody who follows a hub over a stream of events: over a bare socket, so that a thousand fit in a test. */
export class LiveReader {
  /** Of each event, once for each time it came. */
  readonly ids: string[] = []
  /** Milliseconds from when an event was made to when it came. */
  readonly delays: number[] = []
  /** The cursor it would go on from. */
  cursor = ''
  #request: ClientRequest | undefined
  #response: IncomingMessage | undefined
  #pieces: string[] = []
  readonly #looks = new Set<() => void>()

  /** Resolves when the stream has begun. */
  async connect(url: string, { reads = true } = {}): Promise<void> {
    this.#pieces = []
    const headers = { accept: 'text/event-stream', 'last-event-id': this.cursor }
    this.#response = await new Promise<IncomingMessage>((resolve, reject) => {
      this.#request = get(`${url}/sync/events`, { headers, agent: false }, resolve)
      this.#request.on('error', reject)
    })
    this.#response.on('error', () => {})
    if (reads) this.read()
  }

  /** Takes what comes from now on; until then it is stuck. */
  read(): void {
    this.#response?.setEncoding('latin1').on('data', (text: string) => this.#take(text))
  }

  /** Resolves when that many events have come; rejects when the stream ends before. */
  async has(count: number): Promise<void> {
    const enough = this.#until(() => this.ids.length >= count)
    const lost = this.lost().then(() => {
      if (this.ids.length < count)
        throw new Error(`lost after ${this.ids.length} of ${count} events`)
    })
    await Promise.race([enough, lost])
  }

  /** Resolves when the server is gone. */
  async lost(): Promise<void> {
    if (this.#response?.destroyed) return
    await new Promise((resolve) => this.#response?.once('close', resolve))
  }

  close(): void {
    this.#request?.destroy()
  }

  #take(text: string): void {
    const came = performance.timeOrigin + performance.now()
    this.#pieces.push(text)
    if (!text.includes('\n')) return
    const blocks = this.#pieces.join('').split('\n\n')
    this.#pieces = [blocks.pop() as string]
    for (const block of blocks) {
      for (const [, id = ''] of block.matchAll(/^data: \{"id":"([^"]+)"/gm))
        this.ids.push(detached(id))
      for (const [, at] of block.matchAll(/^data: \{"at":([0-9.]+)/gm))
        this.delays.push(came - Number(at))
      const [, cursor] = /^id: (.*)$/m.exec(block) ?? []
      if (cursor !== undefined) this.cursor = detached(cursor)
    }
    for (const look of this.#looks) look()
  }

  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isSo()) return
        this.#looks.delete(look)
        resolve()
      }
      this.#looks.add(look)
      look()
    })
  }
}

/** The delay that so large a share of the readers' events stayed below, in tenths of a millisecond. */
export function delayAt(share: number, readers: readonly LiveReader[]): number {
  const all = readers.flatMap(({ delays }) => delays).toSorted((one, other) => one - other)
  return Math.round((all[Math.floor((all.length - 1) * share)] ?? 0) * 10) / 10
}
