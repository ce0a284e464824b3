/*
 * What a link does, and what makes it do something else. Drawn with every arrow in docs/live-sync.md.
 *
 *              start                greeted             joined
 *    stopped ─────────▶ greeting ───────────▶ syncing ───────────▶ live ◀┐ remotePage, localCommit
 *       │                ▲  ▲ ▲  ◀── greets ───  │ │                │ └──┘
 *       │ startLater     │  │ └────── again ─────┼─┼────────────────┤
 *       ▼                │  │                    │ │ drained        │
 *    polling ── due ─────┘  │ due                │ │                │
 *       ▲                   │                    │ │                │
 *       │                waiting ◀──── failed ───┴─┼────────────────┘
 *       └──────────────────────────────────────────┘
 *
 *    pause: ──▶ paused ── resume ──▶ greeting      stop: ──▶ stopped      close: ──▶ closed, for ever
 *
 * A hint, and what is committed here while polling, only shortens a wait. Whatever else is not in the table's row for a phase changes nothing there: it
 * is late news from what was called off.
 */

/**
 * - `stopped`: nothing happens by itself.
 * - `greeting`: says hello; the two ends find out who is who.
 * - `syncing`: pushes and pulls, side by side, until both ends are through; then opens the stream.
 * - `live`: the remote's pages come as they are committed, and what is committed here goes at once.
 * - `polling`: no stream; waits for the next sync.
 * - `waiting`: it failed; waits before it tries again.
 * - `paused`: as stopped, until it is resumed.
 * - `closed`: for ever.
 */
export type LinkPhase = (typeof linkPhases)[number]

export const linkPhases = [
  'stopped',
  'greeting',
  'syncing',
  'live',
  'polling',
  'waiting',
  'paused',
  'closed',
] as const

/**
 * What is asked of a link: `start`, `startLater` (after one interval), `pause`, `resume`, `stop`, `close`, `hint` (the
 * network may be back). What it hears of its own work: `greets` (says hello, perhaps once more), `greeted` (both
 * ends agree), `drained` (a sync is through, and there is no stream), `joined` (the stream is there), `remotePage`,
 * `localCommit`, `again` (one end is not what the other took it for), `failed`, `due` (a wait is over).
 */
export type LinkEvent = (typeof linkEvents)[number]

export const linkEvents = [
  'start',
  'startLater',
  'greets',
  'greeted',
  'drained',
  'joined',
  'remotePage',
  'localCommit',
  'again',
  'failed',
  'due',
  'hint',
  'pause',
  'resume',
  'stop',
  'close',
] as const

/**
 * What is done on the way, once the phase has changed:
 *
 * - `nothing`.
 * - `attempt`: what is under way is called off, and a sync begins with a greeting.
 * - `rest`: what is under way is called off, and so are waits.
 * - `pollLater`: waits one interval, and for what is committed here.
 * - `retryLater`: what is under way is called off; waits longer after each failure.
 * - `shorten`: waits no longer than the remote has asked for.
 * - `guard`: waits for the next look whether the stream has kept its word; not as long where something is refused for a clock.
 * - `check`: looks now: syncs beside the stream.
 */
export type LinkAct =
  | 'nothing'
  | 'attempt'
  | 'rest'
  | 'pollLater'
  | 'retryLater'
  | 'shorten'
  | 'guard'
  | 'check'

/** Where an event leads and what is done about it, or `ignored`. */
export type Outcome = { readonly to: LinkPhase; readonly act: LinkAct } | 'ignored'

/** The whole of it, as data; a hole is a compile error. */
export const linkTable: Readonly<Record<LinkPhase, Readonly<Record<LinkEvent, Outcome>>>> = {
  stopped: {
    start: to('greeting', 'attempt'),
    startLater: to('polling', 'pollLater'),
    greets: 'ignored',
    greeted: 'ignored',
    drained: 'ignored',
    joined: 'ignored',
    remotePage: 'ignored',
    localCommit: 'ignored',
    again: 'ignored',
    failed: 'ignored',
    due: 'ignored',
    hint: 'ignored',
    pause: 'ignored',
    resume: 'ignored',
    stop: 'ignored',
    close: to('closed', 'rest'),
  },
  greeting: {
    start: 'ignored',
    startLater: 'ignored',
    greets: 'ignored',
    greeted: to('syncing', 'nothing'),
    // A sync that others had begun, and greeted in, before this link joined it.
    drained: to('polling', 'pollLater'),
    joined: to('live', 'guard'),
    remotePage: 'ignored',
    localCommit: 'ignored',
    again: to('greeting', 'attempt'),
    failed: to('waiting', 'retryLater'),
    due: 'ignored',
    hint: 'ignored',
    pause: to('paused', 'rest'),
    resume: 'ignored',
    stop: to('stopped', 'rest'),
    close: to('closed', 'rest'),
  },
  syncing: {
    start: 'ignored',
    startLater: 'ignored',
    greets: to('greeting', 'nothing'),
    greeted: 'ignored',
    drained: to('polling', 'pollLater'),
    joined: to('live', 'guard'),
    remotePage: 'ignored',
    localCommit: 'ignored',
    again: to('greeting', 'attempt'),
    failed: to('waiting', 'retryLater'),
    due: 'ignored',
    hint: 'ignored',
    pause: to('paused', 'rest'),
    resume: 'ignored',
    stop: to('stopped', 'rest'),
    close: to('closed', 'rest'),
  },
  live: {
    start: 'ignored',
    startLater: 'ignored',
    greets: 'ignored',
    greeted: 'ignored',
    // The look beside the stream is through.
    drained: to('live', 'guard'),
    joined: 'ignored',
    remotePage: to('live', 'nothing'),
    localCommit: to('live', 'nothing'),
    again: to('greeting', 'attempt'),
    failed: to('waiting', 'retryLater'),
    due: to('live', 'check'),
    hint: to('live', 'check'),
    pause: to('paused', 'rest'),
    resume: 'ignored',
    stop: to('stopped', 'rest'),
    close: to('closed', 'rest'),
  },
  polling: {
    start: 'ignored',
    startLater: 'ignored',
    greets: 'ignored',
    greeted: 'ignored',
    drained: 'ignored',
    joined: 'ignored',
    remotePage: 'ignored',
    localCommit: to('polling', 'shorten'),
    again: 'ignored',
    failed: to('waiting', 'retryLater'),
    due: to('greeting', 'attempt'),
    hint: to('polling', 'shorten'),
    pause: to('paused', 'rest'),
    resume: 'ignored',
    stop: to('stopped', 'rest'),
    close: to('closed', 'rest'),
  },
  waiting: {
    start: 'ignored',
    startLater: 'ignored',
    greets: 'ignored',
    greeted: 'ignored',
    drained: 'ignored',
    joined: 'ignored',
    remotePage: 'ignored',
    // Whoever writes while the remote is down must not bring it down again.
    localCommit: 'ignored',
    again: 'ignored',
    failed: 'ignored',
    due: to('greeting', 'attempt'),
    hint: to('waiting', 'shorten'),
    pause: to('paused', 'rest'),
    resume: 'ignored',
    stop: to('stopped', 'rest'),
    close: to('closed', 'rest'),
  },
  paused: {
    start: 'ignored',
    startLater: 'ignored',
    greets: 'ignored',
    greeted: 'ignored',
    drained: 'ignored',
    joined: 'ignored',
    remotePage: 'ignored',
    localCommit: 'ignored',
    again: 'ignored',
    failed: 'ignored',
    due: 'ignored',
    hint: 'ignored',
    pause: 'ignored',
    resume: to('greeting', 'attempt'),
    stop: to('stopped', 'rest'),
    close: to('closed', 'rest'),
  },
  closed: {
    start: 'ignored',
    startLater: 'ignored',
    greets: 'ignored',
    greeted: 'ignored',
    drained: 'ignored',
    joined: 'ignored',
    remotePage: 'ignored',
    localCommit: 'ignored',
    again: 'ignored',
    failed: 'ignored',
    due: 'ignored',
    hint: 'ignored',
    pause: 'ignored',
    resume: 'ignored',
    stop: 'ignored',
    close: 'ignored',
  },
}

function to(phase: LinkPhase, act: LinkAct): Outcome {
  return { to: phase, act }
}
