import type { GroupStatistics, RuleSet } from '../../conflict/index.ts'
import {
  checkRules,
  problemLine,
  type RulesCode,
  type RulesProblem,
} from '../../rules-file/index.ts'
import { readRules } from '../../rules-file/read-rules.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { resolversOption, rulesCodeIn } from '../modules/rules-code.ts'
import { repeated, required, type Values } from '../options/option.ts'
import { text } from '../options/readers.ts'
import { counted } from '../terminal/figures.ts'
import { visible } from '../terminal/text-width.ts'

const options = {
  check: required('FILE', 'the rules, as YAML or JSON', text),
  resolvers: resolversOption,
  registered: repeated(
    'NAME',
    'a function that the application registers, where no module is at hand',
    text,
  ),
}

export const rules = command({
  name: 'rules',
  about: `Tells what is wrong in a file of rules with line and column, warns of rules that can never decide
anything, and prints the hash that nodes with the same rules have. The application's own resolvers,
conditions and conflict keys come from a module, or are known by name only. Exits 1 when there is an
error or a warning.`,
  options,
  examples: [
    'rejoin rules --check rules.yaml',
    'rejoin rules --check rules.yaml --resolvers ./resolvers.ts',
    'rejoin rules --check rules.yaml --registered mergeTags',
  ],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  const { check, resolvers, registered } = values
  const content = await readRules(check, io.signal)
  const brought = resolvers === undefined ? {} : await rulesCodeIn(resolvers)
  const { rules: found, problems } = checkRules(content, withNamed(brought, registered))
  for (const problem of problems) await io.err.line(visible(problemLine(check, problem)))
  const isOk = problems.every(({ severity }) => severity === 'note')
  if (found === undefined) await io.err.line(countOf(problems, 'error'))
  else {
    const verdict = isOk ? io.out.style.green('ok') : countOf(problems, 'warning')
    await io.out.line(`${verdict}: ${counted(rulesIn(found), 'rule')}, hash ${found.hash}`)
  }
  return isOk ? 0 : 1
}

/** Functions that are never called: what a file says is checked, and no conflict is resolved. */
function withNamed(brought: RulesCode, names: readonly string[]): RulesCode {
  const never = () => {
    throw new Error('this function is known by name only')
  }
  const functions = Object.fromEntries(names.map((name) => [name, never]))
  return {
    resolvers: { ...functions, ...brought.resolvers },
    conditions: { ...functions, ...brought.conditions },
    conflictKeys: { ...functions, ...brought.conflictKeys },
  }
}

function countOf(problems: readonly RulesProblem[], severity: RulesProblem['severity']): string {
  return counted(problems.filter((problem) => problem.severity === severity).length, severity)
}

function rulesIn(found: RuleSet): number {
  const inGroups = (sum: number, { totalRules }: GroupStatistics) => sum + totalRules
  return found.statistics().groups.reduce(inGroups, found.describe().rules.length)
}
