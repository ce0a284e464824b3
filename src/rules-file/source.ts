import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { RulesProblem } from './problem.ts'

export type { Node } from 'yaml'

/** The text of a file as a tree whose nodes know their place, and what is wrong with it. */
export class Source {
  /** `undefined` when the text is no YAML, or nothing. */
  readonly top: Node | undefined
  readonly #problems: RulesProblem[] = []
  readonly #lines = new LineCounter()

  constructor(text: string) {
    const parsed = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      schema: 'core',
      version: '1.2',
    })
    const faults = [...parsed.errors, ...parsed.warnings]
    for (const { message, pos } of faults.slice(0, mostFaults)) this.#add('error', message, pos[0])
    if (faults.length > 0) return
    if (parsed.contents !== null && !isNothing(parsed.contents)) this.top = parsed.contents
    else this.#add('error', 'there is nothing in it; for a file without rules, write {}', 0)
  }

  /** In the order of the text. */
  get problems(): readonly RulesProblem[] {
    return this.#problems.toSorted(
      (one, other) => one.line - other.line || one.column - other.column,
    )
  }

  get isBroken(): boolean {
    return this.#problems.some(({ severity }) => severity === 'error')
  }

  error(node: Node, message: string): void {
    this.#add('error', message, node.range?.[0] ?? 0)
  }

  note(node: Node | undefined, severity: 'warning' | 'note', message: string): void {
    this.#add(severity, message, node?.range?.[0] ?? 0)
  }

  lineOf(node: Node): number {
    return this.#lines.linePos(node.range?.[0] ?? 0).line
  }

  #add(severity: RulesProblem['severity'], message: string, offset: number): void {
    const { line, col } = this.#lines.linePos(offset)
    // An empty text has no lines to count.
    const place = { line: Math.max(line, 1), column: Math.max(col, 1) }
    this.#problems.push({ severity, ...place, message })
  }
}

/** `key:` without a value, or `null`. */
export function isNothing(node: Node): boolean {
  return isScalar(node) && node.value === null
}

/** What a node is, for a message that wants something else. */
export function shown(node: Node): string {
  if (isAlias(node)) return `*${node.source}: aliases are not followed here, write it out`
  if (isMap(node)) return 'a map'
  if (isSeq(node)) return 'a list'
  if (!isScalar(node) || node.value === null) return 'nothing'
  if (typeof node.value !== 'string') return String(node.source ?? node.value)
  const { value } = node
  return JSON.stringify(value.length > mostShown ? `${value.slice(0, mostShown)}…` : value)
}

const mostShown = 40
/** What follows the first few is mostly their echo. */
const mostFaults = 10
