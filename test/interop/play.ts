import { expect } from 'vitest'
import { type GoEvent, GoProcess } from './go-process.ts'
import { eventNamed, type Play } from './managers.ts'

/** The server that a play is about. */
export interface Stage {
  readonly url: string
  put(events: readonly GoEvent[]): Promise<unknown>
  events(): Promise<readonly GoEvent[]>
}

/** Does what the play says, and expects that it ends as it says. */
export async function perform(program: string, stage: Stage, play: Play): Promise<void> {
  await using clients = new Clients(program, stage.url)
  const errors: string[] = []
  for (const step of play.steps) {
    const [who = '', verb = '', ...words] = step.split(' ')
    if (who === 'server') await stage.put(words.map(eventNamed))
    else errors.push(...(await act(await clients.get(who), verb, words)))
  }
  const ends = new Map([['server', idsOf(await stage.events())]])
  for (const [name, client] of clients.all) ends.set(name, idsOf(await client.events()))
  expect(Object.fromEntries(ends), play.what).toEqual(play.ends)
  expect(errors, play.what).toEqual(play.errors.map((form) => expect.stringMatching(form)))
}

function idsOf(events: readonly GoEvent[]): string {
  return events.map(({ id }) => id).join(' ')
}

async function act(client: GoProcess, verb: string, words: readonly string[]): Promise<string[]> {
  switch (verb) {
    case 'writes':
      await client.put(words.map(eventNamed))
      return []
    case 'pushes':
      await client.ask('push')
      return []
    case 'syncs':
      return [...(await client.sync(words[0] as Parameters<GoProcess['sync']>[0])).errors]
    default:
      throw new Error(`nobody ${verb}`)
  }
}

/** Clients by name, started when they are first met. */
class Clients implements AsyncDisposable {
  readonly all = new Map<string, GoProcess>()
  readonly #program: string
  readonly #url: string

  constructor(program: string, url: string) {
    this.#program = program
    this.#url = url
  }

  async get(name: string): Promise<GoProcess> {
    const client = this.all.get(name) ?? (await GoProcess.client(this.#program, this.#url))
    this.all.set(name, client)
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.all.values()) await client[Symbol.asyncDispose]()
  }
}
