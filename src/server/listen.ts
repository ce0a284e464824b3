import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RejoinError } from '../errors/index.ts'

/**
 * Listens; rejects with `invalid_argument` naming the address when it can't be had, or with the signal's
 * reason when it aborts before: then the server is closed as soon as it can be.
 */
export async function listen(
  server: Server,
  host: string,
  port: number,
  signal?: AbortSignal,
): Promise<AddressInfo> {
  signal?.throwIfAborted()
  let onAbort = () => {}
  try {
    return await new Promise((resolve, reject) => {
      onAbort = () => reject(signal?.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      const failed = (cause: NodeJS.ErrnoException) => reject(unlistenable(host, port, cause))
      server.once('error', failed)
      server.listen({ host, port, backlog }, () => {
        if (signal?.aborted) return void server.close()
        server.off('error', failed)
        resolve(server.address() as AddressInfo)
      })
    })
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

/** `host:port` as it stands in a URL. */
export function authorityOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function unlistenable(host: string, port: number, cause: NodeJS.ErrnoException): RejoinError {
  const reason = reasons[cause.code ?? ''] ?? cause.message
  return new RejoinError(
    'invalid_argument',
    `can't listen on ${authorityOf(host, port)}: ${reason}`,
    {
      operation: 'serve',
      component: 'server',
      cause,
      details: { host, port, errno: cause.code ?? '' },
    },
  )
}

/** Connections that may wait to be taken, as far as the system allows: a crowd may come back at one instant. */
const backlog = 8_192

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'not permitted; ports below 1024 often are not',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name was not found in time',
}
