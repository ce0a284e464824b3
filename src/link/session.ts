import type {
  Confirmation,
  LinkState,
  Receipt,
  Replica,
  Standing,
  Transport,
  Welcome,
} from '../contracts/index.ts'
import type { Filter, LinkId, Origin } from '../event/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { type Cursor, parseCursor, start, unread } from '../version/index.ts'
import type { Change } from './change.ts'
import { type BatchSize, Pace } from './pace.ts'
import type { Tally } from './result.ts'
import type { Scanned } from './scanned.ts'
import { Telling } from './telling.ts'

/** One greeting's worth of syncing: both sides know who the other is and what it holds. */
export interface Session<C extends Change> {
  readonly replica: Replica<C>
  readonly transport: Transport<C>
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly tally: Tally
  readonly peer: LinkId
  /** Who we said we are. */
  readonly origin: Origin
  readonly state: LinkState
  /** The most that one request moves. */
  readonly batch: BatchSize
  /** What the next request of each direction is to move. */
  readonly pushing: Pace
  readonly pulling: Pace
  /** The remote takes changes at all. */
  readonly takesPushes: boolean
  /** The remote holds to filters. */
  readonly takesFilters: boolean
  readonly runtime: Pick<Runtime, 'monotonic' | 'soon'>
  /** Which part of both logs this link moves; `undefined` for all. */
  readonly filter: Filter<C> | undefined
  /** Shared by all who go on from one greeting. */
  readonly telling: Telling<C>
  /** Shared by all sessions of a link. */
  readonly scanned: Scanned
  /**
   * The peer's log is read anew, and the peer has had changes of ours before: which of those we still know to have given,
   * and have not deleted and forgotten since, nobody can tell. So it is asked for them, too.
   */
  readonly isAnew: boolean
  /** Where the peer's cursor of our log stands. */
  received: Cursor
  /** As in `PushAnswer`. */
  reached?: Cursor
  /** What the remote said when it refused a push, and with it this session. */
  standing?: Standing
  /** In our log: where this session itself, or its greeting, has brought the push checkpoint. */
  confirmed: Cursor
}

/** What a session is made from: both ends, and how much a request may move. */
export interface SessionSetup<C extends Change>
  extends Pick<
    Session<C>,
    | 'replica'
    | 'transport'
    | 'logger'
    | 'signal'
    | 'tally'
    | 'batch'
    | 'runtime'
    | 'filter'
    | 'scanned'
  > {
  /** The size of a batch follows how quick batches are, up to `batch`. */
  readonly adapts: boolean
}

/**
 * Greets the remote and settles who is who, until both agree: a copy or an older backup continues under
 * a new origin and greets again, a link whose other end lost something starts over.
 */
export async function greet<C extends Change>(
  setup: SessionSetup<C>,
): Promise<Session<C> | 'again'> {
  const { replica, transport, signal, tally, logger, runtime } = setup
  const { origin } = await replica.identity(signal)
  const began = runtime.monotonic()
  const { welcome, asked, told } = await greetTwice({ replica, transport, signal }, origin)
  const greeting = setup.adapts ? runtime.monotonic() - began : undefined
  tally.remoteEnd = welcome.end
  const confirmation = await settleWho(setup, welcome, origin, asked)
  if (confirmation === 'renewed' || confirmation === 'overtaken') return 'again'
  if (confirmation === 'reset')
    logger.warn('the remote lost what it had confirmed; the link starts over', {
      remote: welcome.node,
    })
  const batch = {
    count: Math.max(1, Math.min(setup.batch.count, welcome.limits.count)),
    bytes: Math.max(1, Math.min(setup.batch.bytes, welcome.limits.bytes)),
  }
  const peer = welcome.origin
  const state = await replica.link(peer, signal)
  const listens = welcome.you !== undefined
  return {
    ...setup,
    peer,
    origin,
    state,
    telling: new Telling({ replica, transport, logger, peer, origin, told, listens }),
    confirmed: state.pushed,
    isAnew: (welcome.you?.received ?? start) !== start && isHalfRead(state.pulled),
    received: welcome.you?.received ?? start,
    batch,
    pushing: new Pace(batch, greeting),
    pulling: new Pace(batch, greeting),
    takesPushes: welcome.limits.count > 0,
    takesFilters: welcome.filters === true,
  }
}

/**
 * Once to learn who answers, and again to tell it what we know of it, if anything. `asked`: our push checkpoint from
 * before it said what it holds of us; where others push the same log, what it said may be overtaken. `told`: how far
 * we have read its log, as far as it knows now.
 */
async function greetTwice<C extends Change>(
  { replica, transport, signal }: Pick<Session<C>, 'replica' | 'transport' | 'signal'>,
  origin: Origin,
): Promise<{ readonly welcome: Welcome; readonly asked: Cursor; readonly told: Cursor }> {
  const welcome = await transport.hello({ origin }, signal)
  const { pushed: asked } = await replica.link(welcome.origin, signal)
  const known = await replica.knowledge(welcome.origin, signal)
  const knowsSome = known.sequence > 0n || known.received !== start || known.pulled !== start
  const isInStep = asked === start || welcome.you?.received === asked
  if (!knowsSome && isInStep) return { welcome, asked, told: known.pulled }
  const you = { ...known, origin: welcome.origin }
  const again = await transport.hello({ origin, ...(knowsSome && { you }) }, signal)
  return { welcome: again, asked, told: again.origin === welcome.origin ? known.pulled : start }
}

/** Where no record is kept of us, only what we saw there can show a loss. */
async function settleWho<C extends Change>(
  { replica, signal, filter }: SessionSetup<C>,
  { origin: peer, you, lost, end }: Welcome,
  origin: Origin,
  asked: Cursor,
): Promise<Confirmation> {
  if (you !== undefined) {
    const begins = unread(end, filter?.there.fingerprint ?? '')
    return replica.confirm(peer, origin, { ...you, asked, begins }, signal)
  }
  if (lost !== true) {
    // A link never used begins now: pull, which runs beside push, would else begin it under push's feet.
    if ((await replica.link(peer, signal)).generation === 0) await replica.resetLink(peer, signal)
    return 'agreed'
  }
  await replica.resetLink(peer, signal)
  await replica.apply({ via: peer, role: 'pushed', changes: [], cursor: start }, signal)
  return 'reset'
}

/** Not all that is behind it was shown. */
function isHalfRead(cursor: Cursor): boolean {
  return parseCursor(cursor)?.read !== undefined
}

/** Of these changes, how many are news with content there, as the receipts say. */
export function countNews(changes: readonly Change[], receipts: readonly Receipt[]): number {
  return receipts.filter(
    ({ kind }, at) =>
      (kind === 'stored' || kind === 'filled') && (changes[at]?.stub ?? null) === null,
  ).length
}
