import type { Transport } from '../../contracts/index.ts'
import type { Filter, LogEvent } from '../../event/index.ts'
import { type LinkResult, syncOnce } from '../../link/index.ts'
import { memoryTransport } from '../../transport/memory/index.ts'
import type { Life, Machine } from './machine.ts'
import type { Network } from './network.ts'
import type { Trace } from './trace.ts'

export interface SyncWay {
  readonly network: Network
  readonly trace: Trace
  readonly batch: number
  /** What a node syncs of the others at the moment. */
  readonly filter: (node: string) => Filter | undefined
  /** What the link sees of the network. */
  readonly transport: (transport: Transport<LogEvent>) => Transport<LogEvent>
}

/** The way from one life of a machine to whatever life the other machine has. */
export function lineTo(
  from: Machine,
  life: Life,
  to: Machine,
  { network }: Pick<SyncWay, 'network'>,
): Transport<LogEvent> {
  const caller = { name: from.name, fence: life.fence }
  const reach = () => servedBy(to.life)
  return network.connect(caller, to.name, reach, () => to.life?.fence)
}

/** Syncs one life of a machine with whatever life the other machine has. */
export async function syncWith(
  from: Machine,
  life: Life,
  to: Machine,
  { network, trace, batch, transport, filter: filterOf }: SyncWay,
  signal?: AbortSignal,
): Promise<LinkResult> {
  const filter = filterOf(from.name)
  const result = await syncOnce(
    {
      replica: life.store,
      transport: transport(lineTo(from, life, to, { network })),
      batch: { count: batch },
      runtime: life.runtime,
      ...(filter && { filter }),
    },
    signal,
  )
  trace.note(`${from.name}>${to.name} ${summary(result)}`)
  return result
}

// One server a life, as a process has: what it knows ends with it.
const servers = new WeakMap<Life, Transport<LogEvent>>()

/** What a process answers with, if there is one. */
export function servedBy(life: Life | undefined): Transport<LogEvent> | undefined {
  if (life === undefined) return undefined
  const known = servers.get(life)
  if (known !== undefined) return known
  const server = memoryTransport(life.store, { runtime: life.runtime })
  servers.set(life, server)
  return server
}

function summary({ pushed, pulled, errors }: LinkResult): string {
  const trouble = errors.map((error) => `${error.code}: ${error.message}`)
  return [`pushed ${pushed} pulled ${pulled}`, ...trouble].join(', ')
}
