import { once } from 'node:events'
import { WebSocket } from 'ws'
import { parseLossless } from '../../src/json/index.ts'
import type { StateTree } from '../../src/state/index.ts'

/** Follows a list to which objects are only added, and remembers each that it was told of, with its times. */
export class ToldSubscriber {
  readonly told = new Map<string, string>()
  readonly #socket: WebSocket

  static async open(url: string): Promise<ToldSubscriber> {
    const socket = new WebSocket(url.replace('http:', 'ws:'))
    const subscriber = new ToldSubscriber(socket)
    await once(socket, 'message')
    return subscriber
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (message) => this.#hear(String(message)))
    // The server is killed; what was told before counts.
    socket.on('error', () => {})
  }

  /** Resolves when nothing more can come. */
  async ended(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.CLOSED) await once(this.#socket, 'close')
  }

  /** What it was told and is not there, or is there otherwise. */
  async missingIn(tree: StateTree): Promise<readonly string[]> {
    const problems: string[] = []
    for (const [path, told] of this.told) {
      const found = (await tree.get(path))?.text
      if (found === undefined || shown(parseLossless(found)) !== told)
        problems.push(`${path} is ${found}, and a subscriber was told ${told}`)
    }
    return problems
  }

  #hear(message: string): void {
    const { data, snapshot } = parseLossless(message) as Told
    for (const each of data) {
      const object = snapshot ? each : each.value
      if (!snapshot && each.op !== 'add') throw new Error(`nothing was changed: ${message}`)
      this.told.set((object as { path: string }).path, shown(object))
    }
  }
}

interface Told {
  readonly data: readonly { readonly op?: string; readonly value?: unknown }[]
  readonly snapshot: boolean
}

function shown(object: unknown): string {
  return JSON.stringify(object, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}
