import { join } from 'node:path'
import { it } from 'vitest'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { type Random, seededRandom } from '../../src/testing/simulator/random.ts'
import { Child } from './child.ts'
import type { AppenderOptions } from './children/appender.ts'
import { Promises } from './promises.ts'
import { moment, report, scaled, scratch, seed } from './torture.ts'

const plan = scaled({ full: { files: 6, lives: 11 }, sample: { files: 2, lives: 4 } })

it('L1, L4: what was acknowledged survives kill -9 at any moment, and nothing is there by half', {
  timeout: 600_000,
}, async () => {
  using folder = scratch()
  const random = seededRandom(seed)
  const seen = { kills: 0, opening: 0, inFlight: 0, unchecked: 0, events: 0, there: 0 }
  for (let file = 1; file <= plan.files; file++) {
    const path = join(folder.path, `${file}.db`)
    const promises = new Promises()
    for (let life = 1; life <= plan.lives; life++) {
      const before = promises.unanswered
      const isNew = life === 1 && file % 2 === 0
      const phase = isNew ? 'opening' : (phases[(file + life) % phases.length] as Phase)
      await live(path, `life-${life}`, phase, promises, random.fork(`${file}/${life}`))
      seen.kills++
      if (phase === 'opening') seen.opening++
      if (promises.unanswered > before) seen.inFlight++
      // Now and then a file is recovered, and killed again, before anybody looks.
      if (life % 3 === 1 && life < plan.lives) seen.unchecked++
      else {
        await using store = await SqliteStore.open({ path, node: 'torture' })
        const { unansweredThere } = await promises.check(store)
        if (life === plan.lives) seen.there += unansweredThere
      }
    }
    seen.events += promises.events
  }
  report(
    'kill -9 of an appender',
    {
      kills: seen.kills,
      'while it opened the file': seen.opening,
      'with appends in flight': seen.inFlight,
      'without a look before the next': seen.unchecked,
      'events acknowledged, 0 missing': seen.events,
      'appends unanswered and yet there, whole': seen.there,
    },
    scaled({
      full: { kills: 50, 'with appends in flight': 10 },
      sample: { 'appends unanswered and yet there, whole': 0 },
    }),
  )
})

const phases = ['opening', 'appending', 'appending', 'appending'] as const
type Phase = (typeof phases)[number]

/** One process, from its start to its kill. */
async function live(
  path: string,
  life: string,
  phase: Phase,
  promises: Promises,
  random: Random,
): Promise<void> {
  const durability = random.chance(0.7) ? 'full' : 'normal'
  const options: AppenderOptions = { path, durability, life, callers: 64, seed }
  await using child = Child.start('appender', options)
  if (phase === 'opening') await child.said('opening')
  else await child.said('stored', random.int(1, 300))
  await moment(random.next() * (phase === 'opening' ? 3 : 8))
  await child.kill()
  promises.hear(child.lines)
}
