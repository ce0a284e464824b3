import type { ChangePage, LiveWant, Transport } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { LogEvent, Origin } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { type Cursor, start } from '../../version/index.ts'
import type { CommandIo } from '../command-io.ts'
import type { Stretch } from '../listing/listed.ts'
import { durationText } from '../terminal/figures.ts'
import { visible } from '../terminal/text-width.ts'

export interface RemoteWant extends Pick<LiveWant, 'filter'> {
  /** Goes on with what is committed later, also past lost connections, until the signal aborts. */
  readonly follows: boolean
}

/** The events of a remote log, in its order, as its stream tells of them. */
export async function* remoteEvents(
  transport: Transport<LogEvent>,
  { follows, filter }: RemoteWant,
  io: CommandIo,
): AsyncGenerator<Stretch, void> {
  const want = { count: 500, bytes: 1024 * 1024, ...(filter && { filter }) }
  let cursor = start
  for (let failures = 0; ; failures++) {
    try {
      for await (const page of pagesAfter(transport, cursor, want, io.signal)) {
        failures = 0
        if (page.kind === 'reset') {
          await io.err.line('the log there is not the one it was: beginning again')
          cursor = start
          break
        }
        const events = page.changes.map((event) => ({ event }))
        if (events.length > 0 || !page.more) yield { events, isEnd: !page.more }
        cursor = page.cursor
        if (!follows && !page.more) return
      }
    } catch (error) {
      if (io.signal.aborted || !follows || !mayPass(error)) throw error
      const wait = waitAfter(failures)
      await io.err.line(`${visible(error.message)}; trying again in ${durationText(wait)}`)
      await systemRuntime.sleep(wait, io.signal)
    }
  }
}

async function* pagesAfter(
  transport: Transport<LogEvent>,
  cursor: Cursor,
  want: LiveWant,
  signal: AbortSignal,
): AsyncGenerator<ChangePage<LogEvent>, void> {
  // Finds out who answers; nobody is written down for asking.
  await transport.hello({ origin: reader }, signal)
  yield* transport.subscribe?.(cursor, want, signal) ?? []
}

function mayPass(error: unknown): error is RejoinError {
  return error instanceof RejoinError && error.retryable
}

/** Milliseconds: longer each time, and never the same for two who were cut off together. */
function waitAfter(failures: number): number {
  return Math.round(systemRuntime.random() * Math.min(30_000, 1_000 * 2 ** failures)) + 100
}

const reader = 'rejoin-log~0000000000000000' as Origin
