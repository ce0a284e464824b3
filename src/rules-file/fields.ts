import { isMap, isScalar, isSeq } from 'yaml'
import { didYouMean } from '../errors/did-you-mean.ts'
import { isNothing, type Node, type Source, shown } from './source.ts'

/** Reads a node; what is wrong with it goes to the source, and then there may be no answer. */
export type Read<T> = (node: Node) => T | undefined

/** A map of the file, of which only some keys make sense. */
export class Fields {
  /** Of the map, for what is missing. */
  readonly node: Node
  readonly source: Source
  readonly #what: string
  readonly #values = new Map<string, Node>()

  /** `what` is its name in messages: `a rule`. Without `allowed`, it may have any key. */
  constructor(node: Node, what: string, source: Source, allowed?: readonly string[]) {
    this.node = node
    this.source = source
    this.#what = what
    if (!isMap(node)) {
      source.error(
        node,
        `${what} must be a map${allowed ? ` of ${listed(allowed)}` : ''}, not ${shown(node)}`,
      )
      return
    }
    for (const { key, value } of node.items) {
      const keyNode = key as Node
      const name = isScalar(keyNode) ? keyNode.value : undefined
      if (typeof name !== 'string')
        source.error(keyNode, `a key of ${what} must be a text, not ${shown(keyNode)}; quote it`)
      else if (allowed !== undefined && !allowed.includes(name))
        source.error(
          keyNode,
          `unknown key ${JSON.stringify(name)} in ${what}: ${choice(name, allowed)}`,
        )
      else this.#values.set(name, (value as Node | null) ?? keyNode)
    }
  }

  get names(): readonly string[] {
    return [...this.#values.keys()]
  }

  at(name: string): Node | undefined {
    return this.#values.get(name)
  }

  /** What `read` makes of a value; `undefined` when there is none. */
  get<T>(name: string, read: Read<T>): T | undefined {
    const node = this.at(name)
    return node === undefined ? undefined : read(node)
  }

  /** As `get`; that there is none is an error. */
  need<T>(name: string, read: Read<T>, wanted: string): T | undefined {
    if (isMap(this.node) && !this.#values.has(name))
      this.source.error(this.node, `${this.#what} needs ${name}: ${wanted}`)
    return this.get(name, read)
  }
}

/** Readers of what is not a map. `name` is the key it stands under. */
export function textIn(source: Source, name: string): Read<string> {
  return (node) => {
    const value = isScalar(node) ? node.value : undefined
    if (typeof value === 'string' && value !== '') return value
    const quote = isScalar(node) && value !== null && value !== '' ? '; quote it' : ''
    source.error(node, `${name} must be a text that is not empty, not ${shown(node)}${quote}`)
    return undefined
  }
}

export function oneOfIn<Choice extends string>(
  source: Source,
  name: string,
  choices: readonly Choice[],
): Read<Choice> {
  return (node) => {
    const value = isScalar(node) ? node.value : undefined
    const chosen = choices.find((choice) => choice === value)
    if (chosen !== undefined) return chosen
    const given = typeof value === 'string' ? value : ''
    source.error(node, `${name} can't be ${shown(node)}: ${choice(given, choices)}`)
    return undefined
  }
}

export function flagIn(source: Source, name: string): Read<boolean> {
  return (node) => {
    if (isScalar(node) && typeof node.value === 'boolean') return node.value
    source.error(node, `${name} must be true or false, not ${shown(node)}`)
    return undefined
  }
}

export function wholeIn(source: Source, name: string, most: number): Read<number> {
  return (node) => {
    const value = isScalar(node) ? node.value : undefined
    if (Number.isInteger(value) && Math.abs(value as number) <= most) return value as number
    source.error(
      node,
      `${name} must be a whole number from -${most} to ${most}, not ${shown(node)}`,
    )
    return undefined
  }
}

/** The items that could be read. */
export function listIn<T>(source: Source, name: string, read: Read<T>): Read<readonly T[]> {
  return (node) => {
    if (isSeq(node))
      return node.items.flatMap((item) => {
        const value = read(item as Node)
        return value === undefined ? [] : [value]
      })
    // A list whose items are all commented out.
    if (isNothing(node)) return []
    source.error(node, `${name} must be a list, not ${shown(node)}`)
    return undefined
  }
}

function choice(given: string, allowed: readonly string[]): string {
  return `${allowed.length === 1 ? 'it can only be' : 'it can be'} ${listed(allowed)}${didYouMean(given, allowed)}`
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}
