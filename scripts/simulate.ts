// npm run simulate -- --seeds N: the worlds of N seeds, with progress, the counts of every fault, and
// the first failing worlds in full. Exits 1 when an invariant broke or a fault was never tried.
import { parseArgs } from 'node:util'
import {
  addRun,
  countsTable,
  failureReport,
  failureText,
  faults,
  followings,
  noRuns,
  type SimulationRun,
  type Summary,
  simulate,
  untried,
} from '../src/testing/index.ts'
import {
  addClusterRun,
  clusterFailure,
  clusterTable,
  noClusterRuns,
  simulateCluster,
  untriedInClusters,
} from '../src/testing/simulator/cluster/index.ts'

const usage = `npm run simulate -- [options]

Runs simulated worlds of 2 to 5 nodes that crash, part, lose messages, are wiped, copied and restored,
whose disks fail and fill up and whose clocks jump, and checks that every node ends with the same events and that nothing acknowledged is lost.

  --seeds N    how many worlds (default 1000)
  --from S     the first seed (default 1)
  --seed S     only the world of this seed
  --trace      print what happens in each world; best with --seed
  --cluster    clusters of 2 to 7 state servers instead, which also change their leaders
  --help       this text`

/** Ctrl-C: the world that runs is given up, and those before it are counted. */
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())

/** From so many worlds on, each fault must have happened. */
const enough = 200

const { values, problem } = readArguments()
if (problem !== undefined) {
  console.error(`${problem}\n\n${usage}`)
  process.exitCode = 1
} else if (values.help) console.log(usage)
else process.exitCode = await (values.cluster ? runClusters() : run())

async function run(): Promise<number> {
  const { first, count } = seedsAsked()
  let summary = noRuns
  const start = performance.now()
  for (let seed = first; seed < first + count; seed++) {
    const world = await simulate(seed, { signal: stop.signal }).catch(unlessStopped)
    if (world === undefined) break
    await show(world, summary.failed === 0)
    summary = addRun(summary, world)
    showProgress(summary, count, start)
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${countsTable(summary)}\n${summary.failed} failed, in ${seconds} s`)
  if (stop.signal.aborted) return stopped(summary.runs, count)
  const missing = count >= enough ? untried(summary, [...faults, ...followings]) : []
  if (missing.length > 0) console.error(`never tried: ${missing.join(', ')}`)
  return summary.failed + missing.length > 0 ? 1 : 0
}

async function runClusters(): Promise<number> {
  const { first, count } = seedsAsked()
  let summary = noClusterRuns
  const start = performance.now()
  for (let seed = first; seed < first + count; seed++) {
    const cluster = await simulateCluster(seed, { signal: stop.signal }).catch(unlessStopped)
    if (cluster === undefined) break
    if (values.trace) console.log([...cluster.trace, `trace ${cluster.hash}`].join('\n'))
    if (cluster.finding !== undefined) console.error(`\n${clusterFailure(cluster)}\n`)
    summary = addClusterRun(summary, cluster)
    showProgress(summary, count, start)
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${clusterTable(summary)}\n${summary.failed} failed, in ${seconds} s`)
  if (stop.signal.aborted) return stopped(summary.runs, count)
  const missing = count >= enough ? untriedInClusters(summary) : []
  if (missing.length > 0) console.error(`never tried: ${missing.join(', ')}`)
  return summary.failed + missing.length > 0 ? 1 : 0
}

/** As a shell tells of a program that Ctrl-C has ended. */
function stopped(runs: number, count: number): number {
  console.error(`stopped after ${runs} of ${count}`)
  return 130
}

function unlessStopped(error: unknown): undefined {
  if (!stop.signal.aborted) throw error
}

function seedsAsked(): { readonly first: number; readonly count: number } {
  const only = wholeNumber('seed')
  const first = only ?? wholeNumber('from') ?? 1
  return { first, count: only === undefined ? (wholeNumber('seeds') ?? 1000) : 1 }
}

/** The first failing world is shrunk: the others fail for the same reason, most likely. */
async function show(world: SimulationRun, isFirst: boolean): Promise<void> {
  if (values.trace) console.log([...world.trace, `trace ${world.hash}`].join('\n'))
  if (world.finding === undefined) return
  const { signal } = stop
  const report = isFirst ? await failureReport(world, { signal }).catch(unlessStopped) : undefined
  console.error(`\n${report ?? failureText(world)}\n`)
}

function showProgress(
  { runs, failed }: Pick<Summary, 'runs' | 'failed'>,
  count: number,
  start: number,
): void {
  if (!process.stderr.isTTY || values.trace) return
  const seconds = (performance.now() - start) / 1000
  const left = Math.ceil((seconds / runs) * (count - runs))
  process.stderr.write(`\r${runs} of ${count}, ${failed} failed, ${left} s left  `)
  if (runs === count) process.stderr.write('\n')
}

function wholeNumber(name: 'seed' | 'seeds' | 'from'): number | undefined {
  const text = values[name]
  return text === undefined ? undefined : Number(text)
}

interface Arguments {
  readonly seeds?: string
  readonly from?: string
  readonly seed?: string
  readonly trace?: boolean
  readonly cluster?: boolean
  readonly help?: boolean
}

function readArguments(): { readonly values: Arguments; readonly problem: string | undefined } {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string' },
        from: { type: 'string' },
        seed: { type: 'string' },
        trace: { type: 'boolean' },
        cluster: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
    const numbers = [values.seeds, values.from, values.seed].filter((text) => text !== undefined)
    const bad = numbers.find((text) => !/^[0-9]{1,9}$/.test(text))
    const problem = bad === undefined ? undefined : `"${bad}" is not a whole number`
    return { values, problem }
  } catch (error) {
    return { values: {}, problem: (error as Error).message }
  }
}
