import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../test/property.ts'
import { timeOf } from '../contracts/index.ts'
import { type Server, Servers } from './fixtures/servers.ts'

type Step =
  | { readonly kind: 'write' | 'delete'; readonly at: number; readonly path: string }
  | { readonly kind: 'cut' | 'hang' | 'heal'; readonly at: number; readonly to: number }
  | { readonly kind: 'restart' | 'promote'; readonly at: number }
  | { readonly kind: 'pass'; readonly ms: number }

const isWhole = process.env.REJOIN_TORTURE === 'full'
const at = fc.integer({ min: 0, max: isWhole ? 6 : 4 })
const path = fc.constantFrom('users/1', 'users/2', 'users/3', 'settings')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), at, path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), at, path }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('cut', 'hang', 'heal', 'heal' as const),
      at,
      to: at,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart', 'promote' as const), at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.integer({ min: 1, max: 20_000 }),
    }),
  },
)

interface World {
  readonly size: number
  readonly ahead: readonly number[]
  readonly steps: readonly Step[]
}

const world: fc.Arbitrary<World> = fc.record({
  size: fc.integer({ min: 2, max: isWhole ? 7 : 5 }),
  ahead: fc.array(fc.constantFrom(0, 0, 0, 7_200_000, -7_200_000), { minLength: 5, maxLength: 5 }),
  steps: fc.array(step, { minLength: 1, maxLength: 40 }),
})

describe('K1, T1: servers through random outages, restarts, promotions and clocks', () => {
  it('agree in the end, and hold the last of all that was acknowledged at each path', () =>
    property(world, live, isWhole ? 300 : 25))
})

async function live({ size, ahead, steps }: World): Promise<void> {
  await using servers = new Servers()
  const addresses = Array.from({ length: size }, (_, index) => `s${index}:1`)
  const all: Server[] = []
  for (const [index, address] of addresses.entries())
    all.push(
      await servers.add(address, {
        ...(index > 0 && { leader: 's0:1' }),
        nodes: addresses.filter((one) => one !== address),
        ahead: ahead[index] ?? 0,
      }),
    )
  const last = new Map<string, bigint>()
  for (const [number, one] of steps.entries()) await take(servers, all, one, number, last)
  servers.lines.healAll()
  await servers.level(...all)
  const told = await Promise.all(all.map(({ cluster }) => cluster.status()))
  await servers.until(
    async () => {
      const now = await Promise.all(all.map(({ cluster }) => cluster.status()))
      return new Set(now.map(({ keys }) => keys.map(({ leader }) => leader).join())).size === 1
    },
    `one leader (${told.map(({ keys }) => keys[0]?.leader).join()})`,
  )
  const { found } = await (all[0] as Server).state.replica().rows([...last.keys()])
  for (const [index, [path, time]] of [...last].entries()) {
    const row = found[index]?.row
    expect([path, row && timeOf(row)]).toEqual([path, time])
  }
}

async function take(
  servers: Servers,
  all: readonly Server[],
  step: Step,
  number: number,
  last: Map<string, bigint>,
): Promise<void> {
  if (step.kind === 'pass') return servers.pass(step.ms)
  const server = all[step.at % all.length] as Server
  const note = async (written: string) => {
    const { found } = await server.state.replica().rows([written])
    const row = found[0]?.row
    if (row !== undefined && timeOf(row) > (last.get(written) ?? 0n)) last.set(written, timeOf(row))
  }
  switch (step.kind) {
    case 'write':
      await server.state.set(step.path, { number })
      return note(step.path)
    case 'delete':
      await server.state.delete(step.path)
      return note(step.path)
    case 'promote':
      await server.cluster.promote()
      return
    case 'restart':
      await server.stop()
      return server.start()
    case 'cut':
    case 'hang':
    case 'heal': {
      const other = all[step.to % all.length] as Server
      if (other === server) return
      if (step.kind === 'heal') servers.lines.heal(server.address, other.address)
      else
        servers.lines.cut(server.address, other.address, step.kind === 'cut' ? 'refused' : 'silent')
    }
  }
}
