/*
 * Server-sent events, as both protocols use them:
 *
 *   id: <cursor>
 *   event: <name>                 only for what is no page
 *   data: <a line>
 *   …
 *   <an empty line>
 *
 * A line that begins with a colon says nothing: a sign of life.
 */
export const eventStreamType = 'text/event-stream'

/** What says nothing: it only shows that somebody is there. */
export const signOfLife = new TextEncoder().encode(':\n\n')

/** Whether a stream is asked for, and not one answer. */
export function wantsEventStream({ headers }: Request): boolean {
  return (headers.get('accept') ?? '')
    .split(',')
    .some((part) => part.split(';', 1)[0]?.trim().toLowerCase() === eventStreamType)
}

export interface StreamMessage {
  /** What `Last-Event-ID` is to say from now on. */
  readonly id: string
  /** Absent: `message`. */
  readonly event?: string
  /** Each line ends in a line feed. */
  readonly data: string
}

export function encodeMessage({ id, event, data }: StreamMessage): Uint8Array<ArrayBuffer> {
  const name = event === undefined ? '' : `event: ${event}\n`
  const lines = data.slice(0, -1).replaceAll('\n', '\ndata: ')
  const place = id === '' ? 'id\n' : `id: ${id}\n`
  return encoder.encode(`${place}${name}data: ${lines}\n\n`)
}

const encoder = new TextEncoder()
