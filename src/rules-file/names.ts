import { type Fields, textIn } from './fields.ts'
import type { Node } from './source.ts'

/** Names of one list: each once, and such that `group.rule` is no riddle. */
export class Names {
  readonly #taken = new Map<string, Node>()

  /** The name of a rule or group. */
  of(fields: Fields, what: string): string {
    const { source } = fields
    const name = fields.need('name', textIn(source, 'name'), 'a text, unlike its neighbours') ?? ''
    const node = fields.at('name')
    if (node === undefined || name === '') return name
    const before = this.#taken.get(name)
    const shown = JSON.stringify(name)
    if (name.includes('.'))
      source.error(node, `name must have no dots, not ${shown}: they divide a group from its rules`)
    if (name === 'fallback')
      source.error(node, 'name can\'t be "fallback": that names what a group falls back on')
    if (before === undefined) this.#taken.set(name, node)
    else
      source.error(
        node,
        `the name ${shown} is taken by the ${what} on line ${source.lineOf(before)}`,
      )
    return name
  }
}
