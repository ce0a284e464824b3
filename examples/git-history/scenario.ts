import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkKill, checkNothingLost, checkSame } from './checks.ts'
import { writeHistory } from './history-file.ts'
import type { Hub, Outcome, Programs } from './programs.ts'
import { type RecordingProxy, recordingProxy } from './recording-proxy.ts'
import { reviewNotes } from './review-notes.ts'
import { count, type Story } from './story.ts'

export interface ScenarioOptions {
  /** Everything the demo makes goes in here. */
  readonly folder: string
  readonly repository?: string | undefined
  /** At least this many events. */
  readonly events: number
  /** At least this many acknowledged pushes. */
  readonly requests: number
}

/** Two replicas sync through a hub that is killed on the way; throws when a step itself goes wrong. */
export async function playScenario(
  options: ScenarioOptions,
  programs: Programs,
  story: Story,
): Promise<void> {
  const proxy = await recordingProxy()
  try {
    await new Scenario(options, proxy, programs, story).play()
  } finally {
    await proxy.close()
  }
}

class Scenario {
  readonly #options: ScenarioOptions
  readonly #proxy: RecordingProxy
  readonly #programs: Programs
  readonly #story: Story
  readonly #laptop: string
  readonly #phone: string
  readonly #hubStore: string

  constructor(options: ScenarioOptions, proxy: RecordingProxy, programs: Programs, story: Story) {
    this.#options = options
    this.#proxy = proxy
    this.#programs = programs
    this.#story = story
    this.#laptop = join(options.folder, 'laptop.db')
    this.#phone = join(options.folder, 'phone.db')
    this.#hubStore = join(options.folder, 'hub', 'events.db')
  }

  async play(): Promise<void> {
    const { requests, events } = this.#options
    const written = await this.#writeOffline()
    // A few more requests than asked for, so that a last page that is half full does not matter.
    const batch = Math.max(1, Math.floor(written / (requests + 4)))
    const before = await this.#syncUntilKilled(batch)
    await this.#restartHub()
    await this.#syncToTheEnd(batch)
    this.#story.step('compare', 'every header and payload, sorted by id')
    checkKill(before, this.#proxy.acknowledgements.length, requests, this.#story)
    const stores = [this.#laptop, this.#phone, this.#hubStore]
    await checkSame(stores, events, this.#programs, this.#story)
  }

  /** Answers with how many events the laptop has. */
  async #writeOffline(): Promise<number> {
    const history = await writeHistory(this.#options)
    this.#story.step('repository', `${history.source}: ${count(history.events, 'changed file')}`)
    const notes = join(this.#options.folder, 'notes.ndjson')
    writeFileSync(notes, reviewNotes(history.paths))
    const [laptop, phone] = await Promise.all([
      this.#append('laptop', this.#laptop, history.file),
      this.#append('phone', this.#phone, notes),
    ])
    this.#story.step('laptop', `${laptop}, offline`)
    this.#story.step('phone', `${phone}, offline: review notes, some about the same files`)
    return history.events
  }

  async #append(node: string, store: string, input: string): Promise<string> {
    const args = ['append', '--store', store, '--node-id', node]
    const { code, stdout, stderr } = await this.#programs.rejoin(args, input)
    if (code !== 0) throw new Error(`append failed: ${stderr}`)
    return stdout.trim()
  }

  /** Answers with how many pushes the hub had acknowledged when it died. */
  async #syncUntilKilled(batch: number): Promise<number> {
    const hub = await this.#startHub()
    this.#story.step('hub', `process ${hub.pid}, its log in ${this.#hubStore}`)
    this.#story.step('sync', `laptop and phone at once, ${count(batch, 'event')} a request`)
    const kill = killAfter(Math.ceil(this.#options.requests / 3), hub, this.#proxy)
    const [laptop] = await Promise.all([
      this.#sync(this.#laptop, batch),
      this.#sync(this.#phone, batch),
    ])
    const before = await kill()
    const acknowledged = count(before, 'acknowledgement')
    this.#story.step('kill -9', `the hub is dead after ${acknowledged}, with a push on its way`)
    this.#story.more(laptop.stderr.trim())
    this.#story.check(laptop.code === 1, 'the laptop was told, with exit code 1')
    return before
  }

  async #restartHub(): Promise<void> {
    const { pid } = await this.#startHub()
    this.#story.step('hub again', `process ${pid}, the same log`)
    const { acknowledgements } = this.#proxy
    await checkNothingLost(acknowledgements, this.#hubStore, this.#programs, this.#story)
  }

  async #syncToTheEnd(batch: number): Promise<void> {
    this.#story.step('sync', 'until each has what the other wrote')
    for (const store of [this.#laptop, this.#phone, this.#laptop]) {
      const { code, stdout, stderr } = await this.#sync(store, batch)
      const name = store === this.#laptop ? 'laptop' : 'phone '
      this.#story.check(code === 0, `${name} ${stdout.trim()}${stderr}`)
    }
  }

  async #startHub(): Promise<Hub> {
    const hub = await this.#programs.hub(join(this.#options.folder, 'hub'))
    this.#proxy.target = hub.url
    return hub
  }

  #sync(store: string, batch: number): Promise<Outcome> {
    const remote = this.#proxy.url
    return this.#programs.rejoin([
      ...['sync', '--store', store, '--remote', remote, '--batch', String(batch)],
    ])
  }
}

/**
 * Kills the hub while it works on the push after the n-th acknowledgement. What it returns answers with how
 * many there were then.
 */
function killAfter(acknowledged: number, hub: Hub, proxy: RecordingProxy): () => Promise<number> {
  let killed: Promise<number> | undefined
  proxy.onPush = () => {
    if (killed !== undefined || proxy.acknowledgements.length < acknowledged) return
    proxy.target = undefined
    killed = hub.kill().then(() => proxy.acknowledgements.length)
  }
  return () => killed ?? Promise.reject(new Error('the syncs ended before the hub was killed'))
}
