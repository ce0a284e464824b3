import { connectState, type StateClient, type StateObject, type Subscription } from 'rejoin/client'
import type { Report, Settings, Wish } from './heating.ts'

/** Sets what all devices shall do, and shows what each of them does. */
export class Dashboard {
  readonly #client: StateClient
  readonly #devices: Subscription<readonly StateObject<Report>[]>

  constructor(url: string) {
    this.#client = connectState(url)
    this.#devices = this.#client.subscribeList<Report>('devices/*')
  }

  async decide(settings: Settings): Promise<void> {
    await this.#client.set<Settings>('settings/heating', settings)
    console.log(`dashboard: ${settings.mode}, ${settings.target}°`)
  }

  /** Shows all devices, once they are as expected. */
  async show(isExpected: (reports: readonly Report[]) => boolean): Promise<void> {
    for await (const objects of this.#devices) {
      if (!isExpected(objects.map(({ data }) => data))) continue
      const lines = objects.map(({ index, data }) => `  ${index}: ${data.mode}, ${data.target}°`)
      console.log(lines.toSorted().join('\n'))
      return
    }
  }

  async showWish(): Promise<void> {
    for await (const [wish] of this.#client.subscribeList<Wish>('wishes/*')) {
      if (wish === undefined) continue
      console.log(`  ${wish.data.from} wishes for ${wish.data.target}°`)
      return
    }
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}
