import type { ChangePage, Transport } from '../src/contracts/index.ts'
import { RejoinError } from '../src/errors/index.ts'
import type { LogEvent } from '../src/event/index.ts'
import {
  aroundCalls,
  Link,
  type LinkPhase,
  type LinkSetup,
  type TransportCall,
} from '../src/link/index.ts'
import { type HandDriven, handDriven } from '../src/transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../src/transport/memory/index.ts'
import { untilAborted } from '../src/transport/remote/index.ts'
import { idsOf, type Machine, machine } from './fleet.ts'

/** A way to a remote that can be cut: calls reject, and streams break, with the trouble there is. */
export interface Line {
  readonly transport: Transport<LogEvent>
  /** Every call, in order; `subscribe` among them. */
  readonly calls: string[]
  cut(trouble?: RejoinError): void
  /** From now on these calls are made and never answered. */
  hang(call: TransportCall): void
  /** Calls wait there until they are released. */
  hold(call: TransportCall): { readonly reached: Promise<void>; release(): void }
  heal(): void
}

export function lineTo(target: Transport<LogEvent>): Line {
  let trouble: RejoinError | undefined
  let outage = new AbortController()
  const calls: string[] = []
  let hanging: TransportCall | undefined
  let held:
    | { readonly call: TransportCall; readonly pass: Promise<void>; reach(): void }
    | undefined
  const through = aroundCalls<LogEvent>(target, async (operation, call, signal) => {
    calls.push(operation)
    if (trouble !== undefined) throw trouble
    if (hanging === operation) return new Promise<never>(() => {})
    if (held?.call === operation) {
      held.reach()
      await held.pass
    }
    const answer = await call(signal)
    if (trouble !== undefined) throw trouble
    return answer
  })
  const { subscribe } = through
  async function* stream(
    ...[after, want, signal]: Parameters<NonNullable<typeof subscribe>>
  ): AsyncGenerator<ChangePage<LogEvent>, void> {
    calls.push('subscribe')
    if (trouble !== undefined) throw trouble
    const broken = AbortSignal.any([signal, outage.signal])
    const pages = subscribe?.(after, want, broken)[Symbol.asyncIterator]()
    for (;;) {
      const page = await untilAborted(broken, pages?.next() as Promise<IteratorResult<never>>)
      if (page.done) return
      yield page.value
    }
  }
  return {
    transport: { ...through, ...(subscribe && { subscribe: stream }) },
    calls,
    cut(error = unreachable()) {
      trouble = error
      outage.abort(error)
    },
    hang(call) {
      hanging = call
    },
    hold(call) {
      const [reached, pass] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      held = { call, pass: pass.promise, reach: reached.resolve }
      const release = () => {
        held = undefined
        pass.resolve()
      }
      return { reached: reached.promise, release }
    },
    heal() {
      trouble = undefined
      outage = new AbortController()
    },
  }
}

/** A laptop with a link to a hub over a line that can be cut, and time that passes when it is told to. */
export async function linked(
  setup: Partial<LinkSetup<LogEvent>> = {},
  given: { readonly laptop?: Machine; readonly hub?: Machine; readonly random?: () => number } = {},
) {
  const { random = () => 0.5 } = given
  const remote = given.hub ?? (await machine('hub'))
  const laptop = given.laptop ?? (await machine('laptop'))
  const runtime: HandDriven = Object.assign(handDriven(), { random })
  const line = lineTo(memoryTransport(remote.store))
  const link = new Link({ replica: laptop.store, transport: line.transport, runtime, ...setup })
  return { laptop, hub: remote, line, link, runtime }
}

/** Lets the event loop turn until it is so; rejects when that takes more than a few hundred turns. */
export async function until(isSo: () => boolean | Promise<boolean>, what = 'it'): Promise<void> {
  for (const end = performance.now() + 30_000; performance.now() < end; ) {
    if (await isSo()) return
    await new Promise((next) => setImmediate(next))
  }
  throw new Error(`${what} does not happen`)
}

export function phase(link: Link<LogEvent>, wanted: LinkPhase): Promise<void> {
  return until(() => link.phase === wanted, `${wanted} (it is ${link.phase})`)
}

/** All hold as many events. */
export async function level(...machines: readonly Machine[]): Promise<void> {
  const ids = async (one: Machine) => (await idsOf(one)).toSorted().join()
  await until(async () => new Set(await Promise.all(machines.map(ids))).size === 1, 'agreement')
}

export function unreachable(): RejoinError {
  return new RejoinError('network', 'the cable is gone', { operation: 'call', component: 'test' })
}
