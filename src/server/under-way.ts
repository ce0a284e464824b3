import type { Server } from 'node:http'

/** Counts the requests that a server is answering, also those whose answers go on until somebody ends them. */
export function underWayOf(server: Server): { none(): Promise<void> } {
  let count = 0
  let waiting: (() => void)[] = []
  server.on('request', (_, response) => {
    count++
    response.once('close', () => {
      count--
      if (count > 0) return
      for (const go of waiting) go()
      waiting = []
    })
  })
  return {
    none: () =>
      count === 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve)),
  }
}
