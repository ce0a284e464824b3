/**
 * Calls back once the work already queued has run. In a browser by a message to itself: a timer waits 4 ms there after
 * some turns, and a second or more in a tab that nobody looks at.
 */
export function soon(callback: () => void): void {
  const { setImmediate: immediate, MessageChannel: Channel } = globalThis as Host
  if (immediate !== undefined) immediate(callback)
  else if (Channel === undefined) setTimeout(callback, 0)
  else {
    channel ??= listenedTo(new Channel())
    waiting.push(callback)
    channel.port1.ref?.()
    channel.port2.postMessage(undefined)
  }
}

/** As far as a host has it. */
interface Host {
  readonly setImmediate?: (run: () => void) => unknown
  readonly MessageChannel?: new () => Channel
}

interface Channel {
  readonly port1: { onmessage: (() => void) | null; ref?(): void; unref?(): void }
  readonly port2: { postMessage(message: undefined): void }
}

/** One for each message on its way. */
const waiting: (() => void)[] = []
let channel: Channel | undefined

function listenedTo(made: Channel): Channel {
  const { port1 } = made
  port1.onmessage = () => {
    const callback = waiting.shift()
    // A host that counts a listener as work would never end.
    if (waiting.length === 0) port1.unref?.()
    callback?.()
  }
  return made
}
