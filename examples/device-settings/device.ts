import { connectState, type StateClient } from 'rejoin/client'
import type { Report, Settings, Wish } from './heating.ts'
import { Network } from './network.ts'

/** A radiator: follows the settings, reports what it does, and has a knob that somebody may turn. */
export class Device {
  readonly name: string
  readonly network = new Network()
  readonly #client: StateClient

  constructor(name: string, url: string) {
    this.name = name
    this.#client = connectState(url, {
      fetch: this.network.fetch,
      WebSocket: this.network.WebSocket,
      offline: { onRefused: ({ path }, error) => console.log(`${path}: ${error.message}`) },
    })
    this.#client.subscribe<Settings>('settings/heating', (settings) => {
      if (settings !== undefined) void this.#report(settings.data)
    })
  }

  /** Answers `queued` while there is no network: the wish goes out when there is one again. */
  async turnKnob(target: number): Promise<string> {
    return (await this.#client.push<Wish>('wishes/*', { from: this.name, target })).kind
  }

  goOnline(): void {
    this.network.heal()
    this.#client.nudge() // in a page: addEventListener('online', () => client.nudge())
  }

  async close(): Promise<void> {
    await this.#client.flush()
    await this.#client.close()
  }

  async #report({ mode, target }: Settings): Promise<void> {
    await this.#client.set<Report>(`devices/${this.name}`, { mode, target })
  }
}
