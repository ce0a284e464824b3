import { RejoinError } from '../errors/index.ts'
import type { Change } from './change.ts'
import { Doubts } from './doubts.ts'
import { type Following, isSame, type LiveEnd, movedBy, sessionNow } from './following.ts'
import { pushOn } from './going-on.ts'
import { Tally } from './result.ts'
import { greet, type Session } from './session.ts'

/** Pushes what is committed here as it is committed, until one side says `again`. */
export async function pushCommits<C extends Change>(following: Following<C>): Promise<LiveEnd> {
  const { setup, news } = following
  const { replica, signal, runtime } = setup
  const commits = replica.watch(signal)[Symbol.asyncIterator]()
  const doubts = new Doubts(runtime, following.streamed)
  const next = () => {
    const woken = commits.next()
    woken.catch(() => {}) // seen when it is awaited
    return woken
  }
  // Before the log is read: what is committed from here on wakes this up.
  let woken = next()
  let session: Session<C> | 'again' = following.session
  try {
    for (;;) {
      session = await pushAll(following, session, doubts)
      if (session === 'again') return 'again'
      const { due } = doubts
      const turn = due === undefined ? await woken : await Promise.race([woken, due])
      if (turn === 'due') {
        session = await settleDoubts(following, session, doubts)
        if (session === 'again') return 'again'
        continue
      }
      if (turn.done) {
        signal.throwIfAborted()
        throw closed()
      }
      woken = next()
      news.onCommit()
      // Whoever waits here for what was committed comes first.
      await new Promise<void>((resolve) => runtime.soon(resolve))
    }
  } finally {
    doubts.end()
  }
}

async function pushAll<C extends Change>(
  following: Following<C>,
  last: Session<C>,
  doubts: Doubts,
): Promise<Session<C> | 'again'> {
  let session = last
  for (let tries = 0; tries < mostTries; tries++) {
    const now = await sessionNow(following, session)
    if (now === 'again') return 'again'
    doubts.consider(now)
    const { outcome, session: ended } = await pushOn(now, { offersParked: false, lazily: true })
    following.news.onMoved(movedBy(ended))
    if (!isSame(ended, now)) return 'again'
    if (outcome === 'done') return ended
    // Somebody else pushes the same log, and the remote does not say where that has come to.
    const greeted = await greetAgain(following)
    if (greeted === 'again') return 'again'
    session = greeted
  }
  return 'again'
}

/** What others have done over this link: is it still the same log that answers? It says so itself. */
async function settleDoubts<C extends Change>(
  following: Following<C>,
  session: Session<C>,
  doubts: Doubts,
): Promise<Session<C> | 'again'> {
  const now = await sessionNow(following, session)
  if (now === 'again' || !doubts.remain(now)) return now
  const greeted = await greetAgain(following)
  if (greeted !== 'again') doubts.settled(now.state)
  return greeted
}

async function greetAgain<C extends Change>({
  setup,
  session,
}: Following<C>): Promise<Session<C> | 'again'> {
  const greeted = await greet({ ...setup, tally: new Tally() })
  return greeted !== 'again' && isSame(greeted, session) ? greeted : 'again'
}

function closed(): RejoinError {
  const where = { operation: 'subscribe', component: 'link' }
  return new RejoinError('closed', 'the log here is closed', where)
}

const mostTries = 5
