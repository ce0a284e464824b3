import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Random } from '../../src/testing/simulator/random.ts'

/** Where the processes of a cluster run, by the number of the server. */
export interface ClusterPlaces {
  /** What it listens on. */
  host(server: number): string
  /** Host and port, as the others reach it. */
  address(server: number): string
  /** How to run a program there. */
  via(server: number): readonly string[]
}

/** All on this machine, at ports that stay theirs while a server is down. */
export async function onLoopback(servers: number, random: Random): Promise<ClusterPlaces> {
  const ports: number[] = []
  // Below those that a system gives to connections, or one of these would have it when a server comes back.
  while (ports.length < servers) {
    const port = random.int(15_000, 30_000)
    if (!ports.includes(port) && (await isFree(port))) ports.push(port)
  }
  return {
    host: () => '127.0.0.1',
    address: (server) => `127.0.0.1:${ports[server]}`,
    via: () => [],
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}
