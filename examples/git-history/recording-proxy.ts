import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** A push that the hub has answered with receipts. */
export interface Acknowledgement {
  readonly ids: readonly string[]
}

export interface RecordingProxy {
  readonly url: string
  /** Where the hub is; `undefined` while there is none. */
  target: URL | undefined
  readonly acknowledgements: readonly Acknowledgement[]
  /** Called when the hub has a whole push and has not answered it yet. */
  onPush: () => void
  close(): Promise<void>
}

/**
 * Stands between the replicas and the hub and writes down which pushes were acknowledged: what the hub
 * itself says about that after a crash would prove nothing.
 */
export async function recordingProxy(): Promise<RecordingProxy> {
  const acknowledgements: Acknowledgement[] = []
  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => outgoing.destroy())
  })
  const proxy = {
    url: '',
    target: undefined as URL | undefined,
    acknowledgements,
    onPush: () => {},
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await bytesOf(incoming)
    const isPush = incoming.method === 'POST' && /\/events\?/.test(incoming.url ?? '')
    const { answer, bytes } = await ask(incoming, body, isPush)
    if (isPush && answer.statusCode === 200 && isReceipt(answer, bytes))
      acknowledgements.push({ ids: idsIn(incoming, body) })
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(bytes)
  }

  async function ask({ method, url, headers }: IncomingMessage, body: Buffer, isPush: boolean) {
    if (proxy.target === undefined) throw new Error('the hub is away')
    const { host, hostname, port } = proxy.target
    const options = {
      hostname,
      port,
      method,
      path: url,
      headers: { ...headers, host },
      agent: false,
    }
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = request(options, resolve).on('error', reject)
      call.end(body, () => {
        if (isPush) proxy.onPush()
      })
    })
    return { answer, bytes: await bytesOf(answer) }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return proxy
}

function isReceipt(answer: IncomingMessage, bytes: Buffer): boolean {
  return JSON.parse(unpacked(answer, bytes)).kind === 'applied'
}

/** A push is lines in turn, header and payload, and an end line. */
function idsIn(incoming: IncomingMessage, body: Buffer): readonly string[] {
  const lines = unpacked(incoming, body).trimEnd().split('\n')
  const headers = lines.slice(0, -1).filter((_, at) => at % 2 === 0)
  return headers.map((header) => JSON.parse(header).id as string)
}

function unpacked({ headers }: IncomingMessage, bytes: Buffer): string {
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString()
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  if (!message.complete) throw new Error('cut short')
  return Buffer.concat(chunks)
}
