import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CutProxy } from './cut-proxy.ts'

export type ClusterServerKind = 'pivot' | 'rejoin'

export interface ClusterServerOptions {
  readonly kind: ClusterServerKind
  /** Where the program of interop/pivot is, for a server of that kind. */
  readonly program?: string
  /** Its own, and that of the proxy in front of it, through which the others reach it. */
  readonly ports: readonly [number, number]
  /** What it keeps survives `kill`. */
  readonly folder: string
  /** As reached through its proxy; none: this one leads. */
  readonly leader?: string
}

/** A server of a cluster: a process that can be killed, and a cable that can be cut. */
export class ClusterServer implements AsyncDisposable {
  readonly kind: ClusterServerKind
  /** For its clients, whom no cut keeps from it. */
  readonly url: string
  readonly #options: ClusterServerOptions
  readonly #proxy: CutProxy
  #child: ChildProcess | undefined

  static async start(options: ClusterServerOptions): Promise<ClusterServer> {
    const [port, outside] = options.ports
    const server = new ClusterServer(options, await CutProxy.open(outside, port))
    try {
      await server.start()
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  private constructor(options: ClusterServerOptions, proxy: CutProxy) {
    this.kind = options.kind
    this.url = `http://127.0.0.1:${options.ports[0]}`
    this.#options = options
    this.#proxy = proxy
  }

  /** For the other servers. */
  get address(): string {
    return this.#proxy.address
  }

  /** At the address it had before; resolves when it listens. */
  async start(): Promise<void> {
    const [command, ...args] = commandOf(this.#options, this.address)
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    const ended = once(child, 'close').catch(() => {})
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-10_000)
    })
    for await (const line of createInterface(child.stdout))
      if (line.startsWith('listening on ')) {
        child.stdout.resume()
        return
      }
    await ended
    throw new Error(`a server of ${this.kind} ended: ${complaint}`)
  }

  /** As kill -9 does. Resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'close')
    child.kill('SIGKILL')
    await ended
  }

  /** No other server reaches it. */
  cut(): void {
    this.#proxy.cut()
  }

  heal(): void {
    this.#proxy.heal()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await this.#proxy[Symbol.asyncDispose]()
  }
}

/** What the servers of a cluster share. */
export const sharedKeys = ['things/*', 'settings'] as const
export const nodesKey = 'nodes/*'

function commandOf(
  { kind, program = '', ports, folder, leader }: ClusterServerOptions,
  address: string,
): readonly [string, ...string[]] {
  const [port] = ports
  if (kind === 'pivot') {
    const given = ['-listen', `127.0.0.1:${port}`, '-advertise', address, '-data', folder]
    const shared = ['-keys', sharedKeys.join(), '-nodes', nodesKey]
    return [program, ...given, ...shared, ...(leader === undefined ? [] : ['-leader', leader])]
  }
  const given = ['--port', String(port), '--advertise', address, '--data', join(folder, 'log')]
  const shared = [...sharedKeys.flatMap((key) => ['--key', key]), '--nodes-key', nodesKey]
  const following = leader === undefined ? [] : ['--leader', leader]
  return [process.execPath, rejoin, 'serve', ...given, ...shared, ...following]
}

const rejoin = fileURLToPath(new URL('../../bin/rejoin.mjs', import.meta.url))
