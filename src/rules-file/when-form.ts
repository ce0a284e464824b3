import { isMap, isScalar, isSeq } from 'yaml'
import type { Conditions, When } from '../conflict/index.ts'
import { relations } from '../conflict/rules/when.ts'
import { Fields, listIn, oneOfIn, type Read, textIn } from './fields.ts'
import type { FormContext } from './form.ts'
import { type Node, type Source, shown } from './source.ts'
import { mapIn, plainIn } from './values.ts'

/** Which conflicts a rule is for: `always`, or conditions that must all hold. */
export function whenFrom(node: Node, context: FormContext): When | undefined {
  const { source, places } = context
  if (isScalar(node) && node.value === 'always') return 'always'
  if (isScalar(node)) {
    source.error(node, `when must be always, or a map of conditions, not ${shown(node)}`)
    return undefined
  }
  const fields = new Fields(node, 'a condition', source, Object.keys(readers))
  const entries = fields.names.map((name) => {
    const read = readers[name as keyof Conditions](source, context)
    return [name, fields.get(name, read)] as const
  })
  if (isMap(node) && node.items.length === 0)
    source.error(node, 'when needs a condition; write always for every conflict')
  const when = Object.fromEntries(entries) as Conditions
  places.objects.set(when, node)
  return when
}

const readers: Readonly<
  Record<keyof Conditions, (source: Source, context: FormContext) => Read<unknown>>
> = {
  type: (source) => textsIn(source, 'type', textIn(source, 'type')),
  aggregate: (source) => textsIn(source, 'aggregate', textIn(source, 'aggregate')),
  field: (source) => textsIn(source, 'field', textIn(source, 'field')),
  metadata: (source) => mapIn(source, 'metadata', plainIn(source, 'metadata')),
  origin: (source) => textsIn(source, 'origin', textIn(source, 'origin')),
  relation: (source) => textsIn(source, 'relation', oneOfIn(source, 'relation', relations)),
  custom: (source, { conditions }) => registeredIn(source, conditions),
  and: (source, context) => partsIn(source, 'and', context),
  or: (source, context) => partsIn(source, 'or', context),
  not: (_, context) => (node) => whenFrom(node, context),
}

function partsIn(source: Source, name: string, context: FormContext): Read<unknown> {
  return filledIn(source, name, (node) => whenFrom(node, context))
}

/** One text, or a list of them. */
function textsIn(source: Source, name: string, read: Read<string>): Read<unknown> {
  return (node) => (isSeq(node) ? filledIn(source, name, read)(node) : read(node))
}

function filledIn<T>(source: Source, name: string, read: Read<T>): Read<readonly T[]> {
  return (node) => {
    const items = listIn(source, name, read)(node)
    if (items?.length === 0 && (!isSeq(node) || node.items.length === 0))
      source.error(node, `${name} must have at least one item`)
    return items
  }
}

function registeredIn(source: Source, conditions: readonly string[]): Read<string> {
  return (node) => {
    if (conditions.length > 0) return oneOfIn(source, 'custom', conditions)(node)
    const name = shown(node)
    source.error(node, `custom can't be ${name}: no conditions are registered under a name`)
    return undefined
  }
}
