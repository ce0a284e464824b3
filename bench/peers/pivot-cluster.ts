import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { devicePath, deviceText } from '../devices.ts'
import { KeepAliveClient, requestBytes } from '../keep-alive-clients.ts'
import { Scratch } from '../scratch.ts'

/** A leader and a node of pivot, each a process with its data on disk, in LevelDB, which nobody flushes. */
export class PivotCluster {
  readonly leader: PivotServer
  readonly node: PivotServer
  readonly #keys: number
  readonly #scratch: Scratch

  /** Both have so many devices. The leader doesn't know its node. */
  static async open(program: string, keys: number): Promise<PivotCluster> {
    const scratch = new Scratch()
    const shared = ['-keys', 'devices/*', '-nodes', 'nodes/*']
    const leader = await PivotServer.start(program, [...shared, '-data', scratch.path('leader')])
    await change(leader, keys, 0)
    const following = ['-leader', leader.address, '-data', scratch.path('node')]
    const node = await PivotServer.start(program, [...shared, ...following])
    const cluster = new PivotCluster(keys, scratch, leader, node)
    await cluster.pull()
    return cluster
  }

  private constructor(keys: number, scratch: Scratch, leader: PivotServer, node: PivotServer) {
    this.#keys = keys
    this.#scratch = scratch
    this.leader = leader
    this.node = node
  }

  readonly settings = { storage: 'leveldb', sync: 'never' }

  /** From now on the leader tells the node of each write. */
  async announce(): Promise<void> {
    const [ip, port] = this.node.address.split(':')
    await this.leader.post('nodes/*', JSON.stringify({ ip, port: Number(port) }))
  }

  /** Writes to so many devices on the leader: other values for each `salt`. */
  async change(count: number, salt: number): Promise<void> {
    await change(this.leader, count, salt)
  }

  /** The node takes all that it lacks of the leader's. */
  async pull(): Promise<void> {
    await this.node.get('_pivot/synchronize/pivot')
    const { length } = JSON.parse(await this.node.get('devices/*')) as readonly object[]
    if (length !== this.#keys) throw new Error(`the node of pivot has ${length} of ${this.#keys}`)
  }

  async close(): Promise<void> {
    await this.node.close()
    await this.leader.close()
    this.#scratch[Symbol.dispose]()
  }
}

class PivotServer {
  /** Host and port. */
  readonly address: string
  readonly #child: ChildProcess

  static async start(program: string, args: readonly string[]): Promise<PivotServer> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    for await (const line of createInterface(child.stdout)) {
      child.stdout.resume()
      return new PivotServer(line.replace('listening on ', ''), child)
    }
    throw new Error('a server of pivot ended')
  }

  private constructor(address: string, child: ChildProcess) {
    this.address = address
    this.#child = child
  }

  // It hangs up on clients that are silent for 10 s, so none is kept here.
  async post(path: string, body: string): Promise<void> {
    await this.#ask(path, { method: 'POST', body })
  }

  get(path: string): Promise<string> {
    return this.#ask(path)
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await ended
  }

  async #ask(path: string, request?: RequestInit): Promise<string> {
    const answer = await fetch(`http://${this.address}/${path}`, request)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`pivot answers ${answer.status} ${text}`)
    return text
  }
}

async function change(leader: PivotServer, count: number, salt: number): Promise<void> {
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => KeepAliveClient.open(`http://${leader.address}`)),
  )
  let next = 0
  await Promise.all(
    clients.map(async (client) => {
      while (next < count) {
        const device = next++
        await client.send(requestBytes('POST', devicePath(device), deviceText(device + salt)))
      }
      client.close()
    }),
  )
}
