import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Contestant, Parameters } from '../benchmark.ts'
import { devicePath, deviceText } from '../devices.ts'
import type { StateHub } from '../p7-state.ts'
import { changed, writes } from '../p8-broadcast.ts'
import { listReaders } from '../subscribers.ts'
import { writesTo } from '../writes.ts'

/** ooo's server in memory, each round a fresh one, in a process of its own. */
export async function oooState({ program, devices }: Parameters): Promise<StateHub> {
  let running: OooServer | undefined
  return {
    async open() {
      await running?.close()
      running = await OooServer.begin(String(program), Number(devices))
      return running.url
    },
    settings: async () => ({}),
    close: async () => running?.close(),
  }
}

/** Its list, whose objects are written inside its process, as ours are in ours. */
export async function oooBroadcast(parameters: Parameters): Promise<Contestant> {
  const { program, objects, subscribers } = parameters
  const server = await OooServer.begin(String(program), Number(objects))
  const readers = await listReaders('P8', `${server.url}/devices/*`, Number(subscribers))
  return {
    round: () =>
      writesTo(
        readers,
        (at) => server.set(devicePath(changed(at, objects)), deviceText(at + 1_000_000)),
        writes,
      ),
    async close() {
      await readers.close()
      await server.close()
    },
  }
}

/** See interop/ooo/server. */
class OooServer {
  readonly #child
  readonly #lines
  #url = ''

  static async begin(program: string, devices: number): Promise<OooServer> {
    const server = new OooServer(program)
    server.#url = await server.#line()
    for (let device = 0; device < devices; device++)
      await server.set(devicePath(device), deviceText(device))
    return server
  }

  private constructor(program: string) {
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  get url(): string {
    return this.#url
  }

  async set(path: string, data: string): Promise<void> {
    this.#child.stdin.write(`${path} ${data}\n`)
    await this.#line()
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await ended
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error("ooo's server ended")
    return value
  }
}
