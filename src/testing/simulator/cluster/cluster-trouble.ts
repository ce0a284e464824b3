import type { DiskImage } from '../disk.ts'
import type { Random } from '../random.ts'
import type { ClusterDisaster } from './cluster-scenario.ts'
import type { ClusterWorld } from './cluster-world.ts'
import { versionsOn } from './disk-state.ts'
import { nameOf, type Server, type ServerLife } from './server.ts'

/** Everything that goes wrong in a cluster, as its scenario and its seed have it. */
export class ClusterTrouble {
  readonly #world: ClusterWorld
  readonly #random: Random
  readonly #backups = new Map<Server, DiskImage>()
  readonly #clockOffsets = new Map<Server, number>()
  #isCrashDue = false
  /** That is asked whom it takes for the leader. */
  #relieving: ServerLife | undefined

  constructor(world: ClusterWorld) {
    this.#world = world
    this.#random = world.random.fork('trouble')
  }

  /** Sets everything up that comes at a time. */
  begin(): void {
    const { scenario, scheduler } = this.#world
    for (const disaster of scenario.disasters)
      scheduler.after(disaster.at, disaster.kind, () => this.#strike(disaster))
    scheduler.after(scenario.otherLeaderAt, 'another leader', () => this.#nameLeader())
    if (scenario.moveAt < Number.POSITIVE_INFINITY)
      scheduler.after(scenario.moveAt, 'a move', () => this.#move())
    this.#each('crash', scenario.crashEvery, () => {
      // Half of them lie in wait for a write: a flush is over too soon to be met by chance.
      if (this.#random.chance(0.5)) this.#isCrashDue = true
      else this.#crashOne(this.#world.servers.filter((server) => server.isOn))
    })
    this.#each('partition', scenario.partitionEvery, () => this.#partition())
    this.#each('restart', scenario.restartEvery, () =>
      this.#world.watched(this.#random.pick(this.#world.servers).restart()),
    )
    this.#each('promote', scenario.promoteEvery, () => this.#promote())
    this.#each('clock jump', scenario.clockJumpEvery, () => this.#jump())
    this.#each('backup', 4_000, () => {
      const server = this.#random.pick(this.#world.servers)
      this.#backups.set(server, server.disk.image())
    })
  }

  /** To be called before each step. */
  beforeStep(): void {
    if (!this.#isCrashDue || this.#world.isCalm) return
    const { servers } = this.#world
    this.#crashOne(servers.filter((server) => server.isOn && server.disk.unflushed > 0))
  }

  /** Once all is well: whoever is not as it should be is started, or started again. */
  tend(): void {
    const { all, watched } = this.#world
    this.#relieve()
    for (const server of all) {
      if (!server.isOn) server.boot()
      else if (this.#isOld(server)) watched(server.restart())
    }
  }

  #isOld(server: Server): boolean {
    const { life } = server
    return life !== undefined && nameOf(life.leader) !== this.#world.sideOf(server).leader
  }

  /** A member goes to the other cluster: not one that is to lead anything by configuration. */
  #move(): void {
    const { servers, leader, scenario, other, isCalm, watched } = this.#world
    const free = servers.filter(({ name }) => name !== leader && name !== scenario.settingsLeader)
    if (isCalm || other === undefined || servers.length < 3 || free.length === 0) return
    const server = this.#random.pick(free)
    this.#world.move(server)
    watched(server.restart())
  }

  /** Who was promoted, and then moved, leads nothing here: whoever is to lead is promoted in its place. */
  #relieve(): void {
    const { other, watched } = this.#world
    const { life } = this.#world.server(this.#world.leader)
    const gone = other?.servers.map(({ address }) => address) ?? []
    if (life === undefined || gone.length === 0 || this.#relieving === life) return
    this.#relieving = life
    const relief = life.fence.hold(life.cluster.status()).then(async ({ keys }) => {
      const led = keys.filter((key) => gone.includes(key.leader ?? ''))
      if (led.length > 0) await life.fence.hold(life.cluster.promote(led.map(({ path }) => path)))
    })
    const done = relief.catch(unlessClosed).finally(() => {
      this.#relieving = undefined
    })
    watched(done)
  }

  #each(what: string, mean: number, strike: () => void): void {
    const { scheduler } = this.#world
    scheduler.after(this.#random.exponential(mean), what, () => {
      if (this.#world.isCalm) return
      strike()
      this.#each(what, mean, strike)
    })
  }

  #crashOne(victims: readonly Server[]): void {
    if (victims.length === 0) return
    this.#isCrashDue = false
    this.#crash(this.#random.pick(victims))
  }

  #crash(server: Server): void {
    const { scheduler, scenario } = this.#world
    server.crash()
    const wait = this.#random.exponential(scenario.downTime)
    scheduler.after(wait, `${server.name} boot`, () => server.boot())
  }

  #partition(): void {
    const { network, servers, scenario, scheduler, trace, waits } = this.#world
    const names = servers.map(({ name }) => name)
    const leaders = servers
      .filter(({ life }) => life?.cluster.leads('users/1'))
      .map(({ name }) => name)
    const isAround = leaders.length > 0 && this.#random.chance(scenario.aroundLeader)
    const inside = isAround
      ? [this.#random.pick(leaders)]
      : names.filter(() => this.#random.chance(0.5))
    const outside = names.filter((name) => !inside.includes(name))
    if (inside.length === 0 || outside.length === 0) return
    const isOneWay = this.#random.chance(scenario.oneWay)
    if (!isOneWay) network.split(inside, outside)
    else if (this.#random.chance(0.5)) network.cutOneWay(inside, outside)
    else network.cutOneWay(outside, inside)
    waits.network(false)
    trace.note(`partition: ${inside.join(' ')} ${isOneWay ? '<' : '|'} ${outside.join(' ')}`)
    scheduler.after(this.#random.exponential(scenario.partitionTime), 'heal', () => {
      network.partitions.heal()
      waits.network(scenario.weather.loss === 0)
      trace.note('partition over')
    })
  }

  /** One server, or two that don't know of each other. */
  #promote(): void {
    const { servers, counts, trace, watched } = this.#world
    const up = servers.filter(({ life }) => life !== undefined)
    const first = this.#random.int(0, Math.max(0, up.length - 1))
    const isTwice = up.length > 1 && this.#random.chance(0.3)
    const chosen = [up[first], isTwice ? up[(first + 1) % up.length] : undefined]
    const keys = this.#random.pick([undefined, undefined, ['users/*'], ['settings', 'logs/*']])
    if (isTwice) counts.promotesAtOnce++
    for (const server of chosen) {
      const { life } = server ?? {}
      if (server === undefined || life === undefined) continue
      const promoted = life.fence.hold(life.cluster.promote(keys)).then((answer) => {
        if (answer.keys.length > 0) counts.promotes++
        trace.note(`${server.name} is promoted: ${answer.keys.map(({ path }) => path).join(' ')}`)
      }, unlessClosed)
      watched(promoted)
    }
  }

  /** The operator gives everybody another configuration, and starts them again one by one. */
  #nameLeader(): void {
    const { servers, counts, trace, scheduler } = this.#world
    this.#world.leader = this.#random.pick(
      servers.filter(({ name }) => name !== this.#world.leader),
    ).name
    counts.otherLeaders++
    trace.note(`the leader is to be ${this.#world.leader}`)
    for (const server of servers) {
      const wait = this.#random.int(0, 15_000)
      scheduler.after(wait, `${server.name} is configured`, () => {
        if (!this.#world.isCalm && this.#isOld(server)) this.#world.watched(server.restart())
      })
    }
  }

  /** How far two clocks are apart stays below a day, from which on servers refuse each other's changes. */
  #jump(): void {
    const { servers, counts, trace } = this.#world
    const server = this.#random.pick(servers)
    const most = this.#random.pick([0, 500, 90_000, 3 * 3_600_000])
    const offset = this.#random.int(-most, most)
    const by = offset - (this.#clockOffsets.get(server) ?? 0)
    this.#clockOffsets.set(server, offset)
    server.clock.jump(by)
    counts.clockJumps++
    trace.note(`the clock of ${server.name} jumps by ${by} ms`)
  }

  #strike({ kind }: ClusterDisaster): void {
    const { servers, isCalm, ledger, trace, counts, waits } = this.#world
    if (isCalm) return
    const victim = this.#random.pick(servers)
    const backup = this.#backups.get(victim)
    if (victim.life?.cluster.leads('users/1') === true && kind === 'wipe') counts.wipedLeaders++
    this.#crash(victim)
    if (kind === 'restore' && backup !== undefined) victim.disk.restore(backup)
    else victim.disk.wipe()
    waits.another(victim.name, 'disk')
    trace.note(
      `${victim.name} is ${kind === 'restore' && backup !== undefined ? 'restored' : 'wiped'}`,
    )
    const disks = servers.map(({ disk }) => versionsOn(disk.durable()))
    const gone = ledger.diskReplaced(victim.name, disks)
    if (gone.length > 0) trace.note(`gone for good: ${gone.length} acknowledged writes`)
  }
}

/** Who is closed meanwhile is started again. */
function unlessClosed(error: { readonly code?: string }): void {
  if (error.code !== 'closed') throw error
}
