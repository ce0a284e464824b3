import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** Takes requests byte for byte as they come, each over a connection of its own, and answers what it was told. */
export async function record(answers: readonly string[]): Promise<Recorder> {
  const requests: Buffer[] = []
  const left = [...answers]
  const server = createServer((socket) => {
    let request = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      request = Buffer.concat([request, bytes as Buffer])
      if (!isWhole(request)) return
      requests.push(request)
      const body = left.shift() ?? ''
      const head = `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}`
      socket.end(`${head}\r\n\r\n${body}`)
    })
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}

export interface Recorder extends AsyncDisposable {
  readonly host: string
  readonly requests: readonly Buffer[]
}

export function headOf(request: Buffer): string {
  return request.subarray(0, request.indexOf(gap)).toString('latin1')
}

export function bodyOf(request: Buffer): Buffer {
  return request.subarray(request.indexOf(gap) + gap.length)
}

function isWhole(request: Buffer): boolean {
  if (!request.includes(gap)) return false
  const length = /^content-length: (\d+)$/im.exec(headOf(request))?.[1] ?? '0'
  return bodyOf(request).length >= Number(length)
}

const gap = '\r\n\r\n'
