import type { Command } from './command.ts'
import type { Option } from './options/option.ts'
import { summaries } from './summaries.ts'
import type { Style } from './terminal/style.ts'

/** What `rejoin --help` prints. */
export function overview(style: Style): string {
  return [
    `${style.bold('rejoin')}: offline-first sync for event logs`,
    '',
    `${style.bold('Usage:')} rejoin COMMAND [OPTIONS]`,
    '',
    style.bold('Commands:'),
    ...columns(Object.entries(summaries), style),
    '',
    style.bold('Options:'),
    ...columns(
      [
        ['-h, --help', 'this overview, or the help of a command'],
        ['-v, --version', 'the version of rejoin'],
      ],
      style,
    ),
    '',
    `${style.bold('Exit codes:')} 0 done, 1 failed or not ok, 2 called wrongly, 130 interrupted`,
    `${style.dim('rejoin COMMAND --help tells more about a command.')}`,
    '',
  ].join('\n')
}

/** What `rejoin cluster --help` prints: the commands that begin with that word. */
export function groupHelp(group: string, commands: readonly Command[], style: Style): string {
  const rows = commands.map(({ name }) => [name, summaries[name]] as const)
  const forms = commands.map(({ name, usage: [form] = [''] }) => `rejoin ${name} ${form}`)
  return [
    ...forms.map((form, at) => `${at === 0 ? style.bold('Usage:') : '      '} ${form}`),
    '',
    style.bold('Commands:'),
    ...columns(rows, style),
    '',
    style.dim(`rejoin ${group} COMMAND --help tells more about each.`),
    '',
  ].join('\n')
}

/** What `rejoin COMMAND --help` prints. */
export function commandHelp(command: Command, style: Style): string {
  const { name, about, options, examples } = command
  const [form, ...others] = command.usage ?? [usage(options)]
  const rows = Object.entries(options).map(
    ([option, of]) => [syntax(option, of), remark(of)] as const,
  )
  return [
    `${style.bold('Usage:')} rejoin ${name} ${form}`,
    ...others.map((other) => `       rejoin ${name} ${other}`),
    '',
    about,
    '',
    style.bold('Options:'),
    ...columns([...rows, ['-h, --help', 'this help']], style),
    '',
    style.bold('Examples:'),
    ...examples.map((example) => `  ${style.dim('$')} ${example}`),
    '',
  ].join('\n')
}

function usage(options: Command['options']): string {
  const demanded = Object.entries(options).filter(([, option]) => option.required)
  const words = demanded.map(([name, option]) => syntax(name, option))
  return [...words, ...(demanded.length < Object.keys(options).length ? ['[OPTIONS]'] : [])].join(
    ' ',
  )
}

function syntax(name: string, option: Option<unknown>): string {
  return option.value === undefined ? `--${name}` : `--${name} ${option.value}`
}

function remark(option: Option<unknown>): string {
  return option.repeatable ? `${option.help} (may be repeated)` : option.help
}

function columns(rows: readonly (readonly [string, string])[], style: Style): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${style.cyan(left.padEnd(width))}  ${right}`)
}
