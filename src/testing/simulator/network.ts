import type { ChangePage, LiveWant, Transport } from '../../contracts/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Counts } from './counts.ts'
import { type Fence, never } from './fence.ts'
import { Line, type Weather } from './line.ts'
import { type Caller, NetworkCall } from './network-call.ts'
import { NetworkStream } from './network-stream.ts'
import { Partitions } from './partitions.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import type { Trace } from './trace.ts'

export const fairWeather: Weather = {
  delay: 5,
  loss: 0,
  duplication: 0,
  lateness: 0,
  patience: 10_000,
}

export interface NetworkOptions {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly trace: Trace
  readonly counts: Counts
  readonly weather?: Weather
}

/**
 * Carries calls between named nodes, late, twice or not at all. A call that was executed may still fail
 * for its caller, with the same error as one that never arrived.
 */
export class Network {
  readonly partitions = new Partitions()
  weather: Weather
  readonly #options: NetworkOptions
  readonly #lines = new Map<string, Line>()

  constructor(options: NetworkOptions) {
    this.#options = options
    this.weather = options.weather ?? fairWeather
  }

  /** Cuts both ways between two sides. */
  split(side: readonly string[], other: readonly string[]): void {
    this.#options.counts.partitions++
    this.partitions.split(side, other)
  }

  /** Cuts what `side` sends to `other`; the way back stays. */
  cutOneWay(side: readonly string[], other: readonly string[]): void {
    this.#options.counts.oneWayCuts++
    for (const from of side) for (const to of other) this.partitions.cut(from, to)
  }

  /**
   * A transport from one life of a node to whatever life of `to` there is when a message arrives:
   * `reach` gives it, or `undefined` while that node is down, and `fence` that life: streams from it
   * break when it ends.
   */
  connect<C>(
    from: Caller,
    to: string,
    reach: () => Transport<C> | undefined,
    fence: () => Fence | undefined = () => undefined,
  ): Transport<C> {
    const call = <T>(
      name: string,
      execute: (remote: Transport<C>) => Promise<T>,
      signal: AbortSignal | undefined,
    ): Promise<T> => {
      const arrive = () => {
        const remote = reach()
        return remote && execute(remote)
      }
      return this.call(from, to, name, arrive, signal)
    }
    // Nothing is held open between calls, so there is nothing to close.
    const close = async () => {}
    return {
      hello: (mine, signal) => call('hello', (remote) => remote.hello(mine), signal),
      push: (batch, signal) => call('push', (remote) => remote.push(batch), signal),
      pull: (after, want, signal) => call('pull', (remote) => remote.pull(after, want), signal),
      subscribe: (after, want, signal) => this.#stream(from, to, reach, fence, after, want, signal),
      close,
      [Symbol.asyncDispose]: close,
    }
  }

  /** One call of any kind: see `NetworkCall`. */
  call<T>(
    from: Caller,
    to: string,
    name: string,
    arrive: () => Promise<T> | undefined,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (from.fence.isDown) return never()
    return new NetworkCall({ ...this.#way(from, to, name), arrive }).run(signal)
  }

  #stream<C>(
    from: Caller,
    to: string,
    reach: () => Transport<C> | undefined,
    fence: () => Fence | undefined,
    after: Cursor,
    want: LiveWant<C>,
    signal: AbortSignal,
  ): AsyncIterable<ChangePage<C>> {
    const open = (inner: AbortSignal) => {
      const pages = reach()?.subscribe?.(after, want, inner)
      return pages && { pages: pages[Symbol.asyncIterator](), fence: fence() }
    }
    const stream = new NetworkStream({ ...this.#way(from, to, 'subscribe'), open })
    return stream.pages(signal)
  }

  #way(from: Caller, to: string, name: string) {
    const { scheduler, trace, counts } = this.#options
    return {
      from,
      label: `${from.name}>${to} ${name}`,
      there: this.#line(from.name, to),
      back: this.#line(to, from.name),
      patience: this.weather.patience,
      scheduler,
      trace,
      counts,
    }
  }

  #line(from: string, to: string): Line {
    const way = `${from}>${to}`
    const known = this.#lines.get(way)
    if (known !== undefined) return known
    const { scheduler, random, counts } = this.#options
    const line = new Line({
      way,
      scheduler,
      random: random.fork(way),
      weather: () => this.weather,
      isCut: () => this.partitions.isCut(from, to),
      reordered: () => counts.reorders++,
    })
    this.#lines.set(way, line)
    return line
  }
}
