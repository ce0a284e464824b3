import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Ids of benchmarks, or a piece of a case's name after a slash: `P1/normal`. Empty: all. */
  readonly wanted: readonly string[]
  readonly rounds: number
  readonly scale: number
  readonly json: string | undefined
  readonly peers: boolean
}

export const help = `Measures Rejoin against hand-written floors, the two taking turns.

  npm run bench [-- [NAMES…] [options]]

  NAMES            benchmarks (P1 P3), or some of their cases (P1/normal); default all
  --runs N         counted rounds of a case, after one to warm up; default 5
  --scale S        a share of the work, such as 0.1, for a quick look; default 1
  --json FILE      where the figures go; default bench/results.json, and at a scale
                   other than 1 nowhere
  --peers          also run other people's systems beside ours, where a case has some;
                   the first time they are installed into bench/peers; those in Go
                   need go, and are left out where its module proxy refuses them
  --help

At scale 1 bench/RESULTS.md is written from the figures. Files live in the folder for
temporary files, or in REJOIN_BENCH_DIR; REJOIN_BENCH_NODE_FLAGS goes to the processes
that are measured (such as --cpu-prof).
`

/** Throws with a clear line for what can't be meant. */
export function readOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values, positionals } = parsed(args)
  if (values.help) return 'help'
  const rounds = Number(values.runs)
  const scale = Number(values.scale)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--runs must be a whole number')
  if (!(scale > 0 && scale <= 1)) throw new Error('--scale must be above 0 and at most 1')
  return { wanted: positionals, rounds, scale, json: values.json, peers: values.peers }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        runs: { type: 'string', default: '5' },
        scale: { type: 'string', default: '1' },
        json: { type: 'string' },
        peers: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new Error(`${(error as Error).message.split('. ')[0]}; see --help`, { cause: error })
  }
}
