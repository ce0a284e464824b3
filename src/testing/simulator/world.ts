import type { EventStore } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { LogEvent } from '../../event/index.ts'
import type { Link } from '../../link/index.ts'
import { Appends } from './appends.ts'
import type { Application } from './application.ts'
import { Audit } from './audit.ts'
import { noCounts } from './counts.ts'
import { Disk } from './disk.ts'
import { Filters } from './filters.ts'
import { Ledger } from './ledger.ts'
import { type Life, Machine } from './machine.ts'
import { fairWeather, Network } from './network.ts'
import { clockFaults, nodeClock } from './node-clock.ts'
import { observedStore } from './observed-store.ts'
import type { Plant } from './plant.ts'
import { PullCheck } from './pull-check.ts'
import { type Random, seededRandom } from './random.ts'
import { drawScenario, type Scenario } from './scenario.ts'
import { Scheduler } from './scheduler.ts'
import type { Retry } from './spread.ts'
import type { SyncWay } from './sync.ts'
import { Trace } from './trace.ts'

/** An invariant of the design that did not hold, and how that shows. */
export interface Finding {
  readonly invariant: string
  readonly message: string
}

export interface WorldOptions {
  readonly plant?: Plant
  readonly application?: Application
  /** In place of what the seed would draw. */
  readonly scenario?: Partial<Scenario>
  /** Hears of every process that starts. */
  readonly onUp: (world: World, machine: Machine, life: Life) => void
  /** Hears of every process that its disk has failed. */
  readonly onDiskFailure: (world: World, machine: Machine) => void
}

/** Machines, their users, the network between them, and the book of what was promised. */
export class World {
  readonly random: Random
  readonly scheduler: Scheduler
  readonly trace: Trace
  readonly counts = noCounts()
  readonly scenario: Scenario
  readonly network: Network
  readonly ledger: Ledger
  readonly machines: readonly Machine[]
  readonly users: ReadonlyMap<Machine, Appends>
  readonly sync: SyncWay
  readonly filters: Filters
  /** How many changes were news to somebody, stubs and fillings included. */
  news = 0
  /** The live links of the processes that are up. */
  readonly links = new Map<Machine, readonly Link<LogEvent>[]>()
  readonly retries: Retry[] = []
  readonly plant: Plant
  readonly application: Application | undefined
  /** What the application has made of each process. */
  readonly nodes = new WeakMap<Life, unknown>()
  #finding: Finding | undefined
  #isCalm = false
  #numbers = 0

  constructor(seed: number, options: WorldOptions) {
    this.random = seededRandom(seed)
    this.plant = options.plant ?? {}
    this.application = options.application
    this.scenario = { ...drawScenario(this.random.fork('scenario')), ...options.scenario }
    this.scheduler = new Scheduler(this.random, ({ label }) => this.trace.step(label))
    this.trace = new Trace(this.scheduler)
    const { scheduler, trace, counts, scenario } = this
    const { weather } = scenario
    const random = this.random.fork('network')
    this.network = new Network({ scheduler, random, trace, counts, weather })
    this.ledger = new Ledger(this.report)
    const { transport = asIs } = this.plant
    this.filters = new Filters(scenario.filters, (node) => {
      counts.filterChanges++
      trace.note(`${node} syncs under another filter`)
    })
    const filter = (node: string) => this.filters.at(node, scheduler.now)
    this.sync = { network: this.network, trace, batch: scenario.batch, transport, filter }
    this.machines = scenario.topology.nodes.map((name) => this.#machine(name, options))
    this.users = new Map(this.machines.map((machine) => [machine, this.#user(machine.name)]))
  }

  get finding(): Finding | undefined {
    return this.#finding
  }

  /** Whether the time of trouble is over: nobody appends, nothing breaks. */
  get isCalm(): boolean {
    return this.#isCalm
  }

  /** How many events were ever meant to be. */
  get numbersGiven(): number {
    return this.#numbers
  }

  readonly nextNumber = (): number => ++this.#numbers

  /** Takes note of a broken invariant; the first one counts. */
  readonly report = (invariant: string, message: string): void => {
    this.#finding ??= { invariant, message }
    this.trace.note(`!! ${invariant}: ${message}`)
  }

  /** For what is not awaited: an error nobody expects is a finding. */
  readonly watched = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => this.report('error', describe(error)))
  }

  /** The same for what a process does, which may meet a disk that has failed. */
  readonly watchedAt = (
    machine: Machine,
    work: Promise<unknown>,
    isBroken = machine.isBrokenLater(),
  ): void => {
    const isExpected = (error: unknown) =>
      isBroken() && error instanceof RejoinError && error.code.startsWith('storage_')
    this.watched(
      work.catch((error: unknown) => {
        if (!isExpected(error)) throw error
      }),
    )
  }

  machine(name: string): Machine {
    const found = this.machines.find((machine) => machine.name === name)
    if (found === undefined) throw new Error(`there is no machine ${name}`)
    return found
  }

  /** Ends the time of trouble; what still travels arrives when it arrives. */
  calm(): void {
    this.#isCalm = true
    this.network.weather = { ...fairWeather, patience: this.scenario.weather.patience }
    this.network.partitions.heal()
    for (const { disk } of this.machines) disk.state = 'fine'
    this.trace.note('all is well again')
    for (const machine of this.machines) if (machine.isBroken) machine.giveUp()
  }

  readonly #onNews = (count: number): void => {
    this.news += count
  }

  #machine(name: string, { onUp, onDiskFailure }: WorldOptions): Machine {
    const { scheduler, trace, counts, report } = this
    const random = this.random.fork(name)
    const { journal = asIs, store: planted = asIs } = this.plant
    const clock = this.scenario.clocks.get(name)
    const { skewedClocks, driftingClocks } = clockFaults(clock)
    counts.skewedClocks += skewedClocks
    counts.driftingClocks += driftingClocks
    const machine: Machine = new Machine({
      name,
      disk: new Disk({ name, scheduler, random: random.fork('disk'), counts }),
      clock: nodeClock(scheduler, clock),
      scheduler,
      random,
      trace,
      counts,
      journal,
      store: (store) => this.#observed(planted(store), machine),
      onUp: (life) => onUp(this, machine, life),
      onDiskFailure: (error) => {
        trace.note(`${name}: ${(error as Error).message}`)
        onDiskFailure(this, machine)
      },
      onBroken: (error) => report('open', `${name}: ${describe(error)}`),
    })
    return machine
  }

  /** What everybody sees of a store: each commit is held against what is known, as it comes. */
  #observed(store: EventStore, machine: Machine): EventStore {
    const { ledger, counts, trace, report } = this
    const { name: node } = machine
    // Of this process, even when the work is begun as it ends.
    const isBroken = machine.isBrokenLater()
    const audit = new Audit({
      node,
      store,
      ledger,
      report,
      isNumbered: this.application === undefined,
      numbersGiven: () => this.#numbers,
    })
    const pulls = new PullCheck({ node, store, report, peers: () => this.#stores() })
    return observedStore(store, {
      node,
      ledger,
      counts,
      trace,
      onNews: this.#onNews,
      onCommit: () => this.watchedAt(machine, audit.commit(), isBroken),
      onPulled: (via, cursor) => {
        if (counts.wipes + counts.copies + counts.restores > 0) return
        this.watchedAt(machine, pulls.pulled(via, cursor), isBroken)
      },
    })
  }

  #stores(): readonly EventStore[] {
    return this.machines.flatMap(({ life, isBroken }) => (life && !isBroken ? [life.store] : []))
  }

  #user(node: string): Appends {
    const { trace, report, scenario } = this
    const random = this.random.fork(`user of ${node}`)
    const { nextNumber } = this
    return new Appends({ node, random, trace, report, aggregates: scenario.aggregates, nextNumber })
  }
}

function asIs<T>(part: T): T {
  return part
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
