import type { AnyProjection, Projected } from '../../projection/index.ts'
import { keptBuild } from '../../projection/kept-build.ts'
import { systemRuntime } from '../../runtime/index.ts'
import type { SqliteStore } from '../../store/sqlite/index.ts'
import { evolutionOf } from '../../sync/evolution.ts'
import { Meaning } from '../../sync/meaning.ts'
import { rulesHashIn } from '../../sync/meaning-version.ts'
import { readModels } from '../../sync/read-models.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { mustExist, openToWrite } from '../files/open-store.ts'
import { failure, misuse } from '../misuse.ts'
import { readModelsIn } from '../modules/read-models-in.ts'
import { resolversOption, rulesGiven } from '../modules/rules-code.ts'
import { optional, repeated, required, type Values } from '../options/option.ts'
import { text } from '../options/readers.ts'
import { consoleLogger } from '../terminal/console-logger.ts'
import { counted, durationText, grouped } from '../terminal/figures.ts'
import { Progress } from '../terminal/progress.ts'
import { ProgressLines } from '../terminal/progress-lines.ts'
import { visible } from '../terminal/text-width.ts'

const options = {
  store: required('FILE', 'the log, with its read models', text),
  projections: required('MODULE', 'a module of yours that exports projections', text),
  name: repeated('NAME', 'only this read model; default: all that the module exports', text),
  rules: optional('FILE', 'the rules that the application has, as YAML or JSON', text),
  resolvers: resolversOption,
}

export const rebuild = command({
  name: 'rebuild',
  about: `Folds each read model from the log's first event on, beside the old result: whoever reads gets the old
one until the new one is there. The application may run meanwhile. What was folded before an interruption is
kept, and the application goes on from there.

The module exports what projection() has made, and the rules and upcasters that the application's node has,
if any; rules may also come from a file. Other rules than those of the old result are refused.`,
  options,
  examples: [
    'rejoin rebuild --store notes.db --projections ./projections.ts',
    'rejoin rebuild --store notes.db --projections ./projections.ts --name titles --rules rules.yaml',
  ],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  const { signal } = io
  const given = await readModelsIn(values.projections)
  const chosen = chosenOf(given.projections, values.name, values.projections)
  if (given.rules !== undefined && values.rules !== undefined)
    throw misuse(`${values.projections} exports rules already: leave --rules out`)
  const { upcasters } = given
  const rules = given.rules ?? (await rulesGiven(values.rules, values.resolvers, signal))
  const meaning = new Meaning({ rules, upcasters, evolution: evolutionOf(upcasters) })
  await mustExist(values.store)
  await using store = await openToWrite(values.store, io)
  for (const one of chosen) await mustBeFoldedBy(meaning, one, store, signal)
  await using all = readModels({
    store,
    meaning,
    isUpcast: upcasters !== undefined,
    projections: undefined,
    runtime: systemRuntime,
    logger: consoleLogger(io.err, { level: 'warn', format: 'pretty' }),
  })
  for (const one of chosen) await foldAnew(all.project(one as never), io)
  return 0
}

function chosenOf(
  projections: readonly AnyProjection[],
  names: readonly string[],
  module: string,
): readonly AnyProjection[] {
  if (names.length === 0) return projections
  return [...new Set(names)].map((name) => {
    const found = projections.find((one) => one.name === name)
    if (found !== undefined) return found
    const known = projections.map((one) => one.name).join(', ')
    throw failure('invalid_argument', `${module} has no projection "${name}"; it has ${known}`)
  })
}

/** Who folded by other rules would leave a result that the application throws away. */
async function mustBeFoldedBy(
  meaning: Meaning,
  { name, options }: AnyProjection,
  { projections }: SqliteStore,
  signal: AbortSignal,
): Promise<void> {
  const kept = await keptBuild(projections, name, signal)
  if (kept === undefined) return
  const { version = 1 } = options as { readonly version?: number }
  if (kept.version > version)
    throw failure(
      'invalid_argument',
      `${name} is there in version ${kept.version}, newer than ${version} of the module`,
    )
  if (kept.version < version || kept.rules === meaning.version) return
  const said = (text: string) => rulesHashIn(text) ?? 'none'
  const [before, now] = [said(kept.rules), said(meaning.version)]
  const what = before === now ? 'other upcasters' : `other rules (${before}, not ${now})`
  const advice = 'give those of the application: export rules and upcasters, or use --rules'
  throw failure('invalid_argument', `${name} was folded by ${what}; ${advice}`)
}

async function foldAnew(projected: Projected, io: CommandIo): Promise<void> {
  const { err, out, signal } = io
  const { name } = projected
  const began = systemRuntime.monotonic()
  let folded = 0
  {
    using progress = err.isTerminal ? new Progress(err) : new ProgressLines(err)
    const label = visible(`folding ${name}`)
    const onProgress = ({
      events,
      done,
      total,
    }: {
      events: number
      done: number
      total: number
    }) => {
      folded = events
      progress.show({ label, done, total, note: `${grouped(events)} events` })
    }
    await projected.rebuild({ signal, onProgress }).catch(async (error: unknown) => {
      if (signal.aborted) await err.line(`interrupted; the old result of ${visible(name)} stays`)
      throw error
    })
  }
  const { deadLetters } = await projected.status({ signal })
  const took = durationText(systemRuntime.monotonic() - began)
  await out.line(visible(`${name}: ${counted(folded, 'event')} folded anew in ${took}`))
  if (deadLetters > 0)
    await err.line(`${counted(deadLetters, 'event')} set aside; see rejoin dead-letters`)
}
