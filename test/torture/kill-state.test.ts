import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openState } from '../../src/state/index.ts'
import { SqliteStateStorage } from '../../src/store/sqlite/index.ts'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { Child } from './child.ts'
import type { StateServerSetup } from './children/state-server.ts'
import { StateWriter } from './state-writer.ts'
import { ToldSubscriber } from './told-subscriber.ts'
import { moment, report, scaled, scratch, seed } from './torture.ts'

const plan = scaled({ full: { kills: 40, writers: 24 }, sample: { kills: 4, writers: 12 } })

it('L1, T4: state that was acknowledged, or told to a subscriber, survives kill -9 by value and time', {
  timeout: 600_000,
}, async () => {
  using folder = scratch()
  const path = join(folder.path, 'state.db')
  const random = seededRandom(seed)
  const news = new EventTarget()
  const writers = Array.from(
    { length: plan.writers },
    (_, at) =>
      new StateWriter(`w${at + 1}`, random.fork(`${at}`), () =>
        news.dispatchEvent(new Event('answer')),
      ),
  )
  const told: ToldSubscriber[] = []
  const seen = { opening: 0, inFlight: 0, unchecked: 0, unansweredThere: 0 }
  for (let kill = 1; kill <= plan.kills; kill++) {
    const durability = random.chance(0.7) ? 'full' : 'normal'
    const setup: StateServerSetup = { path, durability }
    await using child = Child.start('state-server', setup)
    if (kill % 4 === 3) {
      await child.said('opening')
      await moment(random.next() * 5)
      await child.kill()
      seen.opening++
    } else {
      const url = (await child.said('listening')).slice('listening '.length)
      const subscriber = await ToldSubscriber.open(`${url}/pushed/*`)
      if (told.length === 0) await fetch(`${url}/shared`, { method: 'POST', body: '{}' })
      told.push(subscriber)
      const cut = new AbortController()
      const writing = Promise.all(writers.map((writer) => writer.writeUntil(cut.signal, url)))
      await Promise.race([writing, someAnswers(news, random.int(20, 600))])
      await moment(random.next() * 5)
      cut.abort()
      const isWriting = writers.some((writer) => writer.isWaiting)
      await child.kill()
      await writing
      await subscriber.ended()
      if (isWriting) seen.inFlight++
    }
    // Now and then a file is recovered, and killed again, before anybody looks.
    if (kill % 3 === 1 && kill < plan.kills) seen.unchecked++
    else seen.unansweredThere += await check(path, writers, told)
  }
  const sum = (count: (writer: StateWriter) => number) =>
    writers.reduce((total, writer) => total + count(writer), 0)
  report(
    'kill -9 of a state server',
    {
      kills: plan.kills,
      'while it opened the file': seen.opening,
      'with writes in flight': seen.inFlight,
      'without a look before the next': seen.unchecked,
      'writes acknowledged, 0 missing': sum(({ acknowledged }) => acknowledged),
      'with times that were read back': sum(({ timed }) => timed),
      'objects told to subscribers, 0 missing': new Set(told.flatMap((one) => [...one.told.keys()]))
        .size,
      'writes unanswered and yet there': seen.unansweredThere,
    },
    scaled({
      full: { 'with writes in flight': 20, 'writes acknowledged, 0 missing': 5_000 },
      sample: { 'writes unanswered and yet there': 0 },
    }),
  )
})

async function someAnswers(news: EventTarget, count: number): Promise<void> {
  for (let left = count; left > 0; left--) await once(news, 'answer')
}

/** Answers with how many writes without an answer are there. */
async function check(
  path: string,
  writers: readonly StateWriter[],
  told: readonly ToldSubscriber[],
): Promise<number> {
  const storage = await SqliteStateStorage.open({ path })
  await using tree = await openState({ storage })
  const problems: string[] = []
  let unansweredThere = 0
  for (const writer of writers) {
    const findings = await writer.check(tree)
    problems.push(...findings.problems)
    unansweredThere += findings.unansweredThere
  }
  for (const subscriber of told) problems.push(...(await subscriber.missingIn(tree)))
  const texts = new Set<string>()
  for (const { index, dataText } of await tree.list('pushed/*')) {
    if (!writers.some((writer) => writer.hasPushed(index, dataText)))
      problems.push(`pushed/${index} was never sent: ${dataText}`)
    if (texts.size === texts.add(dataText).size) problems.push(`${dataText} is there twice`)
  }
  expect(problems.slice(0, 10), `${problems.length} broken promises`).toEqual([])
  return unansweredThere
}
