import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Ports of this machine that stay free while the servers there are down, in ascending order. */
export async function ownPorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  // Below those that a system gives to connections, or one of these would have it when a server comes back.
  while (ports.size < count) {
    const port = randomInt(10_000, 32_000)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports].toSorted((one, other) => one - other)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return true
  } catch {
    return false
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}
