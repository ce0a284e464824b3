import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Case } from './benchmark.ts'
import { benchmarks } from './benchmarks.ts'
import { contest, type Standing } from './contest.ts'
import { currentLoad, machineLine, thisMachine } from './machine.ts'
import { type BenchOptions, help, readOptions } from './options.ts'
import { GoPrograms } from './peers/go-programs.ts'
import { installPeers } from './peers/install.ts'
import { figure, ratioText, writeReport } from './report.ts'
import { isMet, keepResults, type Result } from './results.ts'

try {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') console.log(help)
  else await run(options)
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

async function run(options: BenchOptions): Promise<void> {
  const { wanted, scale, json } = options
  const chosen = benchmarks
    .flatMap(({ id, cases }) => cases(scale).map((each): Chosen => ({ id, each })))
    .filter((one) => isWanted(one, wanted))
  if (chosen.length === 0) throw new Error(`no benchmark is called ${wanted.join(' or ')}`)
  if (options.peers) installPeers()
  const machine = thisMachine()
  console.log(machineLine(machine))
  await using programs = new GoPrograms()
  const results: Result[] = []
  for (const one of chosen) results.push(await measure(one, options, machine, programs))
  if (scale === 1) {
    const kept = keepResults(json ?? besideThis('results.json'), results)
    writeReport(besideThis('RESULTS.md'), kept)
  } else if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`)
}

interface Chosen {
  readonly id: string
  readonly each: Case
}

function isWanted({ id, each }: Chosen, wanted: readonly string[]): boolean {
  return (
    wanted.length === 0 ||
    wanted.some((name) => {
      const [benchmark, piece = ''] = name.split('/')
      return benchmark?.toUpperCase() === id && each.name.includes(piece)
    })
  )
}

async function measure(
  { id, each }: Chosen,
  options: BenchOptions,
  machine: Result['machine'],
  programs: GoPrograms,
): Promise<Result> {
  const { name, work, aim } = each
  const rounds = each.rounds ?? options.rounds
  const load = currentLoad()
  const title = `${id} ${name}`
  progress(`${title}: preparing`)
  const entrants = { ...each, peers: options.peers ? await programs.givenTo(each.peers) : [] }
  const outcome = await contest(id, entrants, rounds, (round, ratio) => {
    const which = round === 0 ? 'warm-up' : `round ${round} of ${rounds}`
    progress(`${title}: ${which}, ${ratio.toFixed(2)}`)
  })
  const met = isMet(aim, outcome)
  const verdict = met === undefined ? '' : met ? '  ok' : '  below its aim'
  const { ours, floor, ratio } = outcome
  progress('')
  console.log(
    `${title.padEnd(28)} ${ratioText(ratio, aim.of).padEnd(24)} ` +
      `${shown(ours)} against ${shown(floor)}${verdict}`,
  )
  for (const peer of outcome.peers ?? [])
    console.log(
      `${`  beside ${peer.label}`.padEnd(28)} ${ratioText(peer.ratio, unitOf(peer)).padEnd(24)} ` +
        shown(peer),
    )
  return { id, name, work, aim, met, machine, load, ...outcome }
}

function shown(one: Standing): string {
  return figure(one, unitOf(one))
}

function unitOf({ bytes }: Standing): 'speed' | 'memory' {
  return bytes === undefined ? 'speed' : 'memory'
}

/** One line that is written over on a terminal, and lines of their own elsewhere. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  else if (text !== '') process.stderr.write(`${text}\n`)
}

function besideThis(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}
