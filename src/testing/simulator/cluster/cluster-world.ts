import { coversPattern, type LateWrite, type LinkedChange } from '../../../contracts/index.ts'
import type { Logger } from '../../../ports/index.ts'
import { fairWeather, Network } from '../network.ts'
import { clockFaults } from '../node-clock.ts'
import { type Random, seededRandom } from '../random.ts'
import { Scheduler } from '../scheduler.ts'
import { Trace } from '../trace.ts'
import type { Finding } from '../world.ts'
import { Acquaintances } from './acquaintances.ts'
import { noClusterCounts } from './cluster-counts.ts'
import { type ClusterScenario, drawClusterScenario } from './cluster-scenario.ts'
import { versionsOn } from './disk-state.ts'
import { OtherCluster } from './other-cluster.ts'
import { isShared, Server, type ServerLife } from './server.ts'
import type { Side } from './side.ts'
import { StateLedger } from './state-ledger.ts'
import { TombstoneWaits } from './tombstone-waits.ts'
import { keyOf, shown, type Version, versionOf } from './version.ts'

/** Servers, the network between them, and the book of what they have promised. */
export class ClusterWorld implements Side {
  readonly name = 'main'
  readonly random: Random
  readonly scheduler: Scheduler
  readonly trace: Trace
  readonly counts = noClusterCounts()
  readonly scenario: ClusterScenario
  readonly network: Network
  readonly ledger: StateLedger
  readonly waits: TombstoneWaits
  readonly acquaintances = new Acquaintances()
  /** Another one beside it, if there is. */
  readonly other: OtherCluster | undefined
  readonly onUp: (server: Server, life: ServerLife) => void
  /** Who leads, as everybody's configuration has it from now on. */
  leader: string
  /** Changes that went from server to server. */
  movedChanges = 0
  /** Greetings that have arrived twice. */
  repeatedGreetings = 0
  #servers: readonly Server[]
  readonly #greetings = new WeakSet<object>()
  readonly #moves = new Map<string, number>()
  readonly #hearing = new Map<Server, Set<Version[]>>()
  #finding: Finding | undefined
  #isCalm = false
  #values = 0

  constructor(
    seed: number,
    given: Partial<ClusterScenario>,
    onUp: (world: ClusterWorld, server: Server, life: ServerLife) => void,
  ) {
    this.random = seededRandom(`cluster ${seed}`)
    this.scenario = { ...drawClusterScenario(this.random.fork('scenario')), ...given }
    this.scheduler = new Scheduler(this.random, ({ label }) => this.trace.step(label))
    this.trace = new Trace(this.scheduler)
    const { scheduler, trace, counts, scenario } = this
    const random = this.random.fork('network')
    this.network = new Network({ scheduler, random, trace, counts, weather: scenario.weather })
    this.ledger = new StateLedger(this.report)
    this.waits = new TombstoneWaits(this.report, counts, scenario)
    this.onUp = (server, life) => onUp(this, server, life)
    this.leader = scenario.servers[0] as string
    this.#servers = scenario.servers.map((name) => new Server(name, this))
    this.other = scenario.otherCluster ? new OtherCluster(this, this.report) : undefined
    for (const name of scenario.servers) {
      const clock = scenario.clocks.get(name)
      const { skewedClocks, driftingClocks } = clockFaults(clock)
      counts.skewedClocks += skewedClocks
      counts.driftingClocks += driftingClocks
      if (Math.abs(clock?.skew ?? 0) > bound) counts.clocksBeyondBound++
    }
  }

  /** Of this cluster. */
  get servers(): readonly Server[] {
    return this.#servers
  }

  /** This one, and the other one. */
  get sides(): readonly Side[] {
    return this.other === undefined ? [this] : [this, this.other]
  }

  /** Of the other one, too. */
  get all(): readonly Server[] {
    return [...this.#servers, ...(this.other?.servers ?? [])]
  }

  get finding(): Finding | undefined {
    return this.#finding
  }

  /** Whether the time of trouble is over: nobody writes, nothing breaks. */
  get isCalm(): boolean {
    return this.#isCalm
  }

  /** So that each write is another one. */
  readonly nextValue = (): number => ++this.#values

  /** Takes note of a broken invariant; the first one counts. */
  readonly report = (invariant: string, message: string): void => {
    this.#finding ??= { invariant, message }
    this.trace.note(`!! ${invariant}: ${message}`)
  }

  /** For what is not awaited: an error nobody expects is a finding. */
  readonly watched = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      this.report('error', text)
    })
  }

  server(name: string): Server {
    const found = this.all.find((server) => server.name === name)
    if (found === undefined) throw new Error(`there is no server ${name}`)
    return found
  }

  /** The cluster that a server is configured for. */
  sideOf(server: Server): Side {
    return this.other?.servers.includes(server) ? this.other : this
  }

  /** An operator moves a server to the other cluster; nobody here takes it off a list. */
  move(server: Server): void {
    this.#servers = this.#servers.filter((one) => one !== server)
    this.other?.join(server)
    this.counts.movedServers++
    this.trace.note(`${server.name} is moved to the other cluster`)
  }

  /** A user's write, about to be stored. */
  attempted(server: Server, version: Version, base: Version | undefined): void {
    const { counts } = this
    const { isConcurrent, isWithDelete } = server.ledger.attempted(server.name, version, base)
    if (isConcurrent) counts.concurrentWrites++
    if (isWithDelete) counts.deletesAgainstWrites++
  }

  committed(server: Server, versions: readonly Version[]): void {
    for (const commits of this.#hearing.get(server) ?? []) commits.push(...versions)
  }

  /** Collects what is stored for users of a server from now on; gives back how to stop. */
  hear(server: Server): { readonly commits: readonly Version[]; readonly stop: () => void } {
    const commits: Version[] = []
    const hearing = this.#hearing.get(server) ?? new Set<Version[]>()
    this.#hearing.set(server, hearing.add(commits))
    return { commits, stop: () => void hearing.delete(commits) }
  }

  /** Writes that a server took for older than a delete that nobody remembers. */
  late(name: string, late: readonly LateWrite[]): void {
    for (const one of late) {
      if (!isShared(one.change.path)) continue
      this.server(name).ledger.keptAside(versionOf(one.change))
      if (!this.waits.late(name, one)) continue
      this.counts.lateWrites++
      this.trace.note(`${name} keeps ${shown(versionOf(one.change))} aside, of ${one.via}`)
    }
  }

  /** What it had, and is on no disk any more, it was told to give up. */
  forgotten(name: string): void {
    const disks = this.servers.map(({ disk }) => versionsOn(disk.durable()))
    const gone = this.ledger.diskReplaced(name, disks)
    this.waits.another(name, 'disk')
    this.trace.note(`${name} forgets a key; gone for good: ${gone.length} acknowledged writes`)
  }

  older(name: string, stood: Version, put: Version): void {
    this.report('T1', `${name} puts ${shown(put)} in the place of ${shown(stood)}`)
  }

  /** How often a version went from server to server. */
  movesOf(version: Version): number {
    return this.#moves.get(`${version.path} ${keyOf(version)}`) ?? 0
  }

  /** A greeting arrives; the network may bring it once more, long after it was sent. */
  greeted(greeting: object): void {
    if (this.#greetings.has(greeting)) this.repeatedGreetings++
    this.#greetings.add(greeting)
  }

  moved(from: Server, to: Server, changes: readonly LinkedChange[]): void {
    this.movedChanges += changes.length
    for (const change of changes) {
      const key = `${change.path} ${keyOf(change)}`
      this.#moves.set(key, (this.#moves.get(key) ?? 0) + 1)
    }
    const leads = ({ life }: Server, path: string) => life?.cluster.leads(path) === true
    for (const { path } of changes)
      if (!coversPattern('cluster/*', path) && !leads(from, path) && !leads(to, path))
        this.counts.memberExchanges++
  }

  /** Ends the time of trouble; what still travels arrives when it arrives. */
  calm(): void {
    this.#isCalm = true
    this.network.weather = { ...fairWeather, patience: this.scenario.weather.patience }
    this.network.partitions.heal()
    this.trace.note('all is well again')
  }

  /** What a server says of its own accord, for the trace. */
  loggerOf(name: string): Logger {
    const note = (level: string) => (message: string, fields?: object) => {
      const { error } = (fields ?? {}) as { readonly error?: unknown }
      if (message === foreignWords) this.counts.foreignPeers++
      this.trace.note(`${name} ${level}: ${message}${error === undefined ? '' : ` (${error})`}`)
    }
    return { debug() {}, info() {}, warn: note('warns'), error: note('errs') }
  }
}

/** What a server says of a peer of another cluster. */
const foreignWords = 'a server is of another cluster: nothing is exchanged with it'

/** Milliseconds that a clock follows others at most. */
const bound = 60_000
