import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Parameters } from './benchmark.ts'

/** Many WebSockets that read, in a process of their own: as little as a reader can do. */
export interface Readers {
  /**
   * Connects them all, and waits until each has heard its greetings. Gives the port where a byte is sent
   * each time when the last of them has heard one message more.
   */
  open(): Promise<number>
  close(): Promise<void>
}

/** What a subscriber of ours says first, as JSON by kind and number. */
export type Greeting = readonly (readonly [kind: number, id: number, body: object])[]

export async function socketReaders(parameters: Parameters): Promise<Readers> {
  const { url, count, greetings = 0, says = '[]', protocol = '' } = parameters
  const { text = '', frames = '[]' } = parameters
  const sockets: Socket[] = []
  const heard = new Uint32Array(Number(count))
  const begun = Promise.withResolvers<void>()
  // A call between processes of the benchmark collects garbage first, which takes longer than a write.
  const listener = createServer()
  const watchers = new Set<Socket>()
  listener.on('connection', (socket) => watchers.add(socket.setNoDelay(true)))
  let expected = Math.max(1, Number(greetings))
  let behind = heard.length
  const hear = (at: number, messages: number) => {
    const before = heard[at] as number
    heard[at] = before + messages
    if (before >= expected || before + messages < expected || --behind > 0) return
    if (expected === Number(greetings)) begun.resolve()
    else for (const watcher of watchers) watcher.write('.')
    expected++
    behind = heard.reduce((sum, each) => (each < expected ? sum + 1 : sum), 0)
  }
  const openOne = async (at: number) => {
    const socket = await opened(String(url), String(protocol))
    sockets.push(socket)
    const messages = messageCounter()
    socket.on('data', (chunk) => hear(at, messages(chunk)))
    if (text !== '') socket.write(masked(Buffer.from(String(text)), 0x81))
    for (const bytes of JSON.parse(String(frames)) as readonly string[])
      socket.write(masked(Buffer.from(bytes, 'base64')))
    for (const [kind, id, body] of JSON.parse(String(says)) as Greeting)
      socket.write(masked(Buffer.concat([Buffer.from([kind, id >> 8, id]), json(body)])))
  }
  return {
    async open() {
      for (let at = 0; at < heard.length; at += 100)
        await Promise.all(
          Array.from({ length: Math.min(100, heard.length - at) }, (_, more) => openOne(at + more)),
        )
      if (Number(greetings) > 0) await begun.promise
      listener.listen(0, '127.0.0.1')
      await once(listener, 'listening')
      return (listener.address() as AddressInfo).port
    },
    async close() {
      for (const socket of [...sockets, ...watchers]) socket.destroy()
      listener.close()
    },
  }
}

async function opened(url: string, protocol: string): Promise<Socket> {
  const { hostname, port, pathname, search } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  const lines = [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocol === '' ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const [head] = await once(socket, 'data')
  if (!String(head).startsWith('HTTP/1.1 101 ')) throw new Error(String(head))
  const rest = (head as Buffer).subarray((head as Buffer).indexOf('\r\n\r\n') + 4)
  if (rest.length > 0) socket.unshift(rest)
  return socket
}

/** Counts whole messages in a stream of a server's frames, without keeping any. */
function messageCounter(): (chunk: Buffer) => number {
  let left = 0
  let head = Buffer.alloc(0)
  return (chunk) => {
    let messages = 0
    for (let at = 0; at < chunk.length; ) {
      if (left > 0) {
        const taken = Math.min(left, chunk.length - at)
        left -= taken
        at += taken
        if (left === 0) messages++
        continue
      }
      const bytes =
        head.length === 0 ? chunk.subarray(at) : Buffer.concat([head, chunk.subarray(at)])
      const length = frameLength(bytes)
      if (length === undefined) {
        head = Buffer.from(bytes)
        break
      }
      at += length.head - head.length
      head = Buffer.alloc(0)
      left = length.body
      if (left === 0) messages++
    }
    return messages
  }
}

function frameLength(bytes: Buffer): { readonly head: number; readonly body: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = (bytes[1] as number) & 127
  if (short < 126) return { head: 2, body: short }
  if (short === 126) return bytes.length < 4 ? undefined : { head: 4, body: bytes.readUInt16BE(2) }
  return bytes.length < 10 ? undefined : { head: 10, body: Number(bytes.readBigUInt64BE(2)) }
}

/** A client's frame, by default a binary one; a mask of zeros leaves its bytes as they are. */
function masked(body: Buffer, first = 0x82): Buffer {
  const length =
    body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([first, ...length, 0, 0, 0, 0]), body])
}

function json(body: object): Buffer {
  return Buffer.from(JSON.stringify(body))
}
