import type { EventId, LogEvent } from '../../event/index.ts'
import { jumpClocks } from './clock-jumps.ts'
import type { DiskImage } from './disk.ts'
import { troubleDisks } from './disk-trouble.ts'
import type { Machine } from './machine.ts'
import { contentOn, erasedOn } from './probe.ts'
import type { Random } from './random.ts'
import type { Disaster, Outage } from './scenario.ts'
import type { World } from './world.ts'

/** Everything that goes wrong in a world, as its scenario and its seed have it. */
export class Trouble {
  readonly #world: World
  readonly #random: Random
  readonly #oneWay: Random
  readonly #backups = new Map<Machine, DiskImage>()
  #stepsToCrash: number
  #ambush = false

  constructor(world: World) {
    this.#world = world
    this.#random = world.random.fork('trouble')
    this.#oneWay = world.random.fork('one way')
    this.#stepsToCrash = this.#random.exponential(world.scenario.crashEvery)
  }

  /** Sets everything up that comes at a time. */
  begin(): void {
    const { scenario, scheduler } = this.#world
    for (const disaster of scenario.disasters)
      scheduler.after(disaster.at, disaster.kind, () => this.#strike(disaster))
    for (const outage of scenario.outages)
      if (outage.at !== undefined) scheduler.after(outage.at, 'outage', () => this.#cutOff(outage))
    this.#partitionLater()
    this.#backUpLater()
    jumpClocks(this.#world)
    troubleDisks(this.#world)
  }

  /** To be called before each step: the scheduler's steps are the moments to crash at. */
  beforeStep(): void {
    const { scheduler, scenario } = this.#world
    for (const outage of scenario.outages)
      if (outage.step === scheduler.steps + 1) this.#cutOff(outage)
    if (--this.#stepsToCrash > 0) return
    const on = this.#world.machines.filter((machine) => machine.isOn)
    // Half of the crashes lie in wait for a write: a flush is over too soon to be met by chance.
    const victims = this.#ambush ? on.filter((machine) => machine.disk.unflushed > 0) : on
    if (victims.length === 0) return
    this.#stepsToCrash = this.#random.exponential(this.#world.scenario.crashEvery)
    this.#ambush = this.#random.chance(0.5)
    this.#crash(this.#random.pick(victims))
  }

  /** A process whose disk failed it is noticed after a while, and started again. */
  diskFailed(machine: Machine): void {
    const { scheduler } = this.#world
    scheduler.after(this.#random.exponential(supervision), `${machine.name} gives up`, () => {
      if (!machine.isBroken) return
      machine.giveUp()
      this.#bootLater(machine)
    })
  }

  #cutOff({ node, time }: Outage): void {
    const { scheduler, isCalm } = this.#world
    if (isCalm) return
    const machine = this.#world.machine(node)
    machine.crash()
    scheduler.after(time, `${node} boot`, () => machine.boot())
  }

  #crash(machine: Machine): void {
    machine.crash()
    this.#bootLater(machine)
  }

  #bootLater(machine: Machine): void {
    const { scheduler, scenario } = this.#world
    const wait = this.#random.exponential(scenario.downTime)
    scheduler.after(wait, `${machine.name} boot`, () => machine.boot())
  }

  #partitionLater(): void {
    const { scheduler, scenario } = this.#world
    scheduler.after(this.#random.exponential(scenario.partitionEvery), 'partition', () => {
      if (this.#world.isCalm) return
      this.#partition()
      this.#partitionLater()
    })
  }

  #partition(): void {
    const { network, machines, scenario, scheduler, trace } = this.#world
    const inside = machines.filter(() => this.#random.chance(0.5)).map(({ name }) => name)
    const outside = machines.map(({ name }) => name).filter((name) => !inside.includes(name))
    if (inside.length === 0 || outside.length === 0) return
    const isOneWay = this.#oneWay.chance(scenario.oneWay)
    if (isOneWay) network.cutOneWay(inside, outside)
    else network.split(inside, outside)
    trace.note(`partition: ${inside.join(' ')} ${isOneWay ? '<' : '|'} ${outside.join(' ')}`)
    scheduler.after(this.#random.exponential(scenario.partitionTime), 'heal', () => {
      network.partitions.heal()
      trace.note('partition over')
    })
  }

  #backUpLater(): void {
    const { scheduler, machines, users } = this.#world
    scheduler.after(this.#random.exponential(3_000), 'backup', () => {
      if (this.#world.isCalm) return
      const machine = this.#random.pick(machines)
      this.#backups.set(machine, machine.disk.image())
      users.get(machine)?.forget()
      this.#backUpLater()
    })
  }

  #strike({ kind }: Disaster): void {
    const { machines, watched, isCalm } = this.#world
    if (isCalm) return
    const victim = this.#random.pick(machines)
    const other = this.#random.pick(machines.filter((machine) => machine !== victim))
    const backup = this.#backups.get(victim)
    if (kind === 'copy') watched(this.#copy(other, victim))
    else if (kind === 'restore' && backup !== undefined)
      watched(this.#replaceDisk(victim, 'is restored', () => victim.disk.restore(backup)))
    else watched(this.#replaceDisk(victim, 'is wiped', () => victim.disk.wipe()))
  }

  #copy(from: Machine, to: Machine): Promise<void> {
    const image = from.disk.image()
    this.#world.users.get(from)?.forget()
    return this.#replaceDisk(to, `is a copy of ${from.name}`, () => to.disk.copy(image))
  }

  async #replaceDisk(machine: Machine, what: string, replace: () => void): Promise<void> {
    const { ledger, trace, machines, users } = this.#world
    machine.crash()
    users.get(machine)?.forget()
    const before = await contentOn(machine.disk.durable())
    const erasedBefore = await erasedOn(machine.disk.durable())
    replace()
    trace.note(`${machine.name} ${what}`)
    const now = await contentOn(machine.disk.durable())
    const elsewhere: ReadonlyMap<EventId, LogEvent>[] = []
    for (const other of machines)
      if (other !== machine) elsewhere.push(await contentOn(other.disk.durable()))
    const gone = ledger.diskReplaced(machine.name, before, now, elsewhere)
    if (gone.length > 0) trace.note(`gone for good: ${gone.join(' ')}`)
    const erased: ReadonlySet<EventId>[] = []
    for (const one of machines) erased.push(await erasedOn(one.disk.durable()))
    const unknown = ledger.erasuresReplaced(erasedBefore, erased)
    if (unknown.length > 0) trace.note(`nobody knows any more to be erased: ${unknown.join(' ')}`)
    this.#bootLater(machine)
  }
}

/** Milliseconds on average. */
const supervision = 300
