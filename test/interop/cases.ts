import type { GoModuleName } from '../../interop/go-module.ts'

/**
 * Everything that is to be shown between Rejoin and Go. scripts/interop.ts fails where Go is installed and
 * one of these did not run and pass; `notYet` says why one can't. What `requires` modules of other people is
 * left out where Go's proxy refuses them, and only there.
 */
export const cases: readonly InteropCase[] = [
  { name: 'the Go program is formatted and vetted' },
  { name: 'JSON passes through Go as goJson says' },
  { name: 'the body of a push is read as Go reads it' },
  { name: 'the Go client sends what was recorded, header by header' },
  { name: 'the Go server of v0.16 answers what was recorded' },
  { name: 'the Go server of v0.22 answers what was recorded' },
  { name: 'Go to Go: 1,000 events through a server of v0.16' },
  { name: 'Go to Go: a server of v0.22 hands out the first 100 of 1,000 events' },
  { name: 'a Go client pushes 1,000 events to our server, and one with an empty store pulls them' },
  { name: 'a Go client pages through our server by cursor' },
  { name: 'our client syncs 1,000 events each way with a Go server of v0.16' },
  { name: 'our client syncs 1,000 events each way with a Go server of v0.22' },
  { name: 'the same by /pull alone, which in v0.16 has no limit' },
  { name: 'the same by /pull alone, which in v0.22 sends 100 unless asked for more' },
  { name: 'two of our laptops end identical through a Go server of v0.16' },
  { name: 'two of our laptops end identical through a Go server of v0.22' },
  { name: 'what a Go server drops without a word is sent again, or stays ours and is reported' },
  { name: 'a Go server that came back empty gets everything back' },
  { name: 'the command rejoin sync goes to a Go server' },
  { name: 'SyncManagers and a Go server end as the table says' },
  { name: 'SyncManagers and our server end as the table says' },
  { name: 'a Go client follows our live stream, also past a restart of our server' },
  { name: 'our client follows the live stream of a Go server' },
  {
    name: 'go-sync-kit: the Go program that uses it is formatted and vetted',
    requires: 'go-sync-kit',
  },
  {
    name: 'go-sync-kit: its client sends what was recorded, header by header',
    requires: 'go-sync-kit',
  },
  { name: 'go-sync-kit: its server answers what was recorded', requires: 'go-sync-kit' },
  {
    name: 'go-sync-kit: its clients, our client and rejoin serve end with all events of each',
    requires: 'go-sync-kit',
  },
  {
    name: 'go-sync-kit: our client syncs 1,000 events each way with its server',
    requires: 'go-sync-kit',
  },
  {
    name: 'go-sync-kit: two of our laptops end identical through its server',
    requires: 'go-sync-kit',
  },
  {
    name: 'go-sync-kit: what its server drops without a word stays ours and is reported',
    requires: 'go-sync-kit',
  },
  {
    name: 'go-sync-kit: its SyncManagers and its server end as the table says',
    requires: 'go-sync-kit',
  },
  {
    name: 'go-sync-kit: its SyncManagers and our server end as the table says',
    requires: 'go-sync-kit',
  },
  {
    name: 'go-sync-kit: its client follows our live stream, also past a restart of our server',
    requires: 'go-sync-kit',
  },
  {
    name: 'go-sync-kit: our client follows the live stream of its server',
    requires: 'go-sync-kit',
  },
  { name: 'T3: a Go program writes to our state server and follows it' },
  { name: 'T3: the same with patches only, on SQLite' },
  { name: 'ooo: the Go program that uses it is formatted and vetted', requires: 'ooo' },
  {
    name: 'ooo T3: all calls of its Go client, and what they read is what others read',
    requires: 'ooo',
  },
  {
    name: 'ooo T3: its Go client follows four writers of its own, patch by patch',
    requires: 'ooo',
  },
  {
    name: 'ooo T3: the same past a kill -9 of rejoin serve, with its data on disk and a token',
    requires: 'ooo',
  },
  { name: 'ooo: our client writes to a server of its own and follows it', requires: 'ooo' },
  { name: 'pivot: the Go program that uses it is formatted and vetted', requires: 'pivot' },
  {
    name: 'pivot K1: a node of pivot under our leader: every kind of write in both directions, and kill -9 of each',
    requires: 'pivot',
  },
  {
    name: 'pivot K1: our node under a leader of pivot: every kind of write in both directions, and kill -9 of each',
    requires: 'pivot',
  },
  { name: 'pivot K1: cut in two and healed: Rejoin leads Rejoin', withoutGo: true },
  { name: 'pivot K1: cut in two and healed: pivot leads Rejoin', requires: 'pivot' },
  { name: 'pivot K1: cut in two and healed: Rejoin leads pivot', requires: 'pivot' },
  { name: 'pivot: cut in two and healed: pivot leads pivot', requires: 'pivot' },
  {
    name: 'pivot K1: what a node of pivot wrote in a cut that nobody noticed reaches our leader',
    requires: 'pivot',
  },
]

export interface InteropCase {
  /** The name of the test that shows it. */
  readonly name: string
  readonly notYet?: string
  /** The module under interop/ whose program it runs. */
  readonly requires?: GoModuleName
  /** It runs also where Go is not installed. */
  readonly withoutGo?: boolean
}
