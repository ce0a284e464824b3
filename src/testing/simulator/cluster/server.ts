import { sharedReplica } from '../../../cluster/http/shared-replica.ts'
import {
  type Cluster,
  type ClusterKey,
  type ClusterOptions,
  openCluster,
} from '../../../cluster/index.ts'
import {
  coversPattern,
  type LinkedChange,
  type StateStorage,
  type Transport,
} from '../../../contracts/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import { openState, type StateTree } from '../../../state/index.ts'
import { memoryTransport } from '../../../transport/memory/index.ts'
import { Disk } from '../disk.ts'
import { Fence } from '../fence.ts'
import { type NodeClock, nodeClock } from '../node-clock.ts'
import { nodeRuntime } from '../node-runtime.ts'
import type { Random } from '../random.ts'
import type { ClusterWorld } from './cluster-world.ts'
import { type DiskState, forgettingsOn, openDiskState } from './disk-state.ts'
import { observedState } from './observed-state.ts'
import { outsider } from './other-cluster.ts'
import type { Side } from './side.ts'
import { peersOf } from './simulated-peers.ts'
import type { StateLedger } from './state-ledger.ts'

/** One run of a server's process, from its start to its crash. */
export interface ServerLife {
  readonly fence: Fence
  readonly runtime: Runtime
  readonly disk: DiskState
  readonly state: StateTree
  readonly cluster: Cluster
  /** What others reach of it. */
  readonly remote: Transport<LinkedChange>
  /** The leader that it was started with. */
  readonly leader: string
}

/** A server's hardware: its disk and clock survive, its process comes and goes. */
export class Server {
  readonly name: string
  readonly address: string
  readonly disk: Disk
  readonly clock: NodeClock
  readonly #world: ClusterWorld
  readonly #random: Random
  #fence: Fence | undefined
  #life: ServerLife | undefined
  #lives = 0
  /** The cluster that it took part in last. */
  #side: Side | undefined
  /** How often its disk has forgotten something, as far as anybody has heard. */
  #forgettings = 0

  constructor(name: string, world: ClusterWorld) {
    const { scheduler, counts, scenario } = world
    this.name = name
    this.address = addressOf(name)
    this.#world = world
    this.#random = world.random.fork(name)
    this.disk = new Disk({ name, scheduler, random: this.#random.fork('disk'), counts })
    this.clock = nodeClock(scheduler, scenario.clocks.get(name))
  }

  /** The process, once it is there for others. */
  get life(): ServerLife | undefined {
    return this.#life
  }

  /** The book of the cluster that what it holds is of. */
  get ledger(): StateLedger {
    return (this.#side ?? this.#world.sideOf(this)).ledger
  }

  get isOn(): boolean {
    return this.#fence !== undefined
  }

  boot(): void {
    if (this.#fence !== undefined) return
    const { scheduler, trace, watched, waits } = this.#world
    waits.another(this.name, 'process')
    const fence = new Fence()
    this.#fence = fence
    this.#forgettings = this.#forgettingsOnDisk
    const { name, clock } = this
    // Another life draws other numbers, as another process would.
    const random = this.#random.fork(`life ${this.#lives++}`)
    const node = nodeRuntime({ name, scheduler, random, clock, fence })
    // Who waits for the loop to turn until some time has passed would wait for ever in a world where turns take none.
    const runtime: Runtime = { ...node, soon: (callback) => void node.timer(turnTime, callback) }
    const up = fence.guard((life: ServerLife) => {
      this.#life = life
      trace.note(`${name} is up`)
      this.#world.onUp(this, life)
    })
    watched(this.#start(fence, runtime).then(up))
  }

  /** Cuts the power; does nothing while there is none. */
  crash(): void {
    if (this.#fence === undefined) return
    const { counts, trace } = this.#world
    counts.crashes++
    trace.note(`${this.name} crashes`)
    this.#end()
  }

  /** Closes all, and starts again. */
  async restart(): Promise<void> {
    const life = this.#life
    if (life === undefined) return
    const { counts, trace } = this.#world
    counts.restarts++
    trace.note(`${this.name} is closed`)
    this.#life = undefined
    const { fence, cluster, state } = life
    await fence.hold(cluster.close({ flush: this.#random.chance(0.5), within: 500 }))
    await fence.hold(state.close())
    this.#end()
    this.boot()
  }

  #end(): void {
    this.#fence?.drop()
    this.#fence = undefined
    this.#life = undefined
    this.disk.crash()
    // It may have been durable already, and nobody has heard of it.
    if (this.#forgettingsOnDisk > this.#forgettings) this.#forgets()
  }

  #forgets(): void {
    this.#forgettings = this.#forgettingsOnDisk
    this.#world.forgotten(this.name)
  }

  get #forgettingsOnDisk(): number {
    return this.#world.scenario.forgets ? forgettingsOn(this.disk.durable()) : 0
  }

  async #start(fence: Fence, runtime: Runtime): Promise<ServerLife> {
    const { name, address } = this
    const { report, scenario } = this.#world
    const disk = await openDiskState({
      ...{ fence, runtime },
      disk: this.disk,
      node: name,
      onOlder: (stood, put) => this.#world.older(name, stood, put),
      onCollected: (collected) => this.#world.waits.collected(name, collected),
      onLate: (late) => this.#world.late(name, late),
      onForgotten: () => this.#forgets(),
      onDurable: (versions) => {
        for (const version of versions) if (isShared(version.path)) this.ledger.held(name, version)
      },
    })
    const storage = observedState(disk, { server: this, world: this.#world })
    const state = await openState({ storage, runtime, collecting: scenario.collecting ?? false })
    const side = this.#world.sideOf(this)
    const leader = addressOf(side.leader)
    const network = peersOf(this, fence, this.#world)
    const clusterName = this.#nameOf(side)
    const options: ClusterOptions = {
      ...(clusterName !== undefined && { name: clusterName }),
      ...{ state, network, runtime, address, leader },
      keys: side === this.#world ? this.#keys() : this.#keysElsewhere(),
      ...this.#others(),
      proofInterval: scenario.proofInterval,
      logger: this.#world.loggerOf(name),
    }
    const cluster = await openCluster(options)
    // What comes from here on is of this one; what stood here before has been forgotten, or is of it as well.
    this.#side = side
    const shared = sharedReplica(cluster.replica('main') as StateStorage, 'main', cluster)
    const remote = memoryTransport<LinkedChange>(shared, {
      runtime,
      limits: { count: scenario.batch },
    })
    if (cluster.keys.length === 0) report('error', 'nothing is shared')
    return { fence, runtime, disk, state, cluster, remote, leader }
  }

  /** Those that start from the middle on have a name where it is introduced. */
  #nameOf({ name }: Side): string | undefined {
    const { scenario, scheduler } = this.#world
    if (scenario.names === 'introduced')
      return scheduler.now >= scenario.troubledTime / 2 ? name : undefined
    return scenario.names === 'all' ? name : undefined
  }

  /** Whom it knows of, also of the other cluster. */
  #others(): Partial<ClusterOptions> {
    const { scenario } = this.#world
    const own = scenario.servers.filter((one) => one !== this.name).map(addressOf)
    const isOutsider = this.name === outsider
    const foreign = scenario.otherCluster && !isOutsider ? [addressOf(outsider)] : []
    if (scenario.discovery === 'nodes') return { nodes: [...own, ...foreign] }
    const nodes = isOutsider ? own : foreign
    return { nodesKey, advertise: true, ...(nodes.length > 0 && { nodes }) }
  }

  /** The same in the other cluster, where nothing is brought along. */
  #keysElsewhere(): readonly ClusterKey[] {
    const isListed = this.#world.scenario.discovery === 'nodesKey'
    const paths = ['users/*', 'logs/*', 'settings', ...(isListed ? [nodesKey] : [])]
    return paths.map((path) => ({ path, onLeaderChange: 'forget' }))
  }

  #keys(): readonly ClusterKey[] {
    const { settingsLeader, forgets } = this.#world.scenario
    return [
      { path: 'users/*', ...(forgets && { onLeaderChange: 'forget' }) },
      { path: 'logs/*' },
      {
        path: 'settings',
        ...(settingsLeader !== undefined && { leader: addressOf(settingsLeader) }),
      },
    ]
  }
}

const nodesKey = 'nodes/*'

/** Milliseconds. */
const turnTime = 0.05

export function addressOf(name: string): string {
  return `${name}:1`
}

export function nameOf(address: string): string {
  return address.split(':')[0] as string
}

/** What a server writes down about its peers, and whom it follows, is its own business. */
export function isShared(path: string): boolean {
  return !coversPattern('cluster/*/*', path)
}
