import { isMap, isScalar } from 'yaml'
import type { Conditions, Rule, RuleGroup, When } from '../conflict/index.ts'
import { Fields, flagIn, listIn, oneOfIn, type Read, textIn, wholeIn } from './fields.ts'
import type { Form, FormContext } from './form.ts'
import { Names } from './names.ts'
import { without } from './rejoin-form.ts'
import type { Node, Source } from './source.ts'

/**
 * The configuration of go-sync-kit, as it was meant: several event types are alternatives, priorities count,
 * groups nest and fall back, and what is disabled is not asked. What has no counterpart is an error.
 */
export const goForm: Form = (top, context) => {
  const { source } = context
  const fields = new Fields(top, "a file in go-sync-kit's form", source, topKeys)
  fields.need('version', looseTextIn(source, 'version'), "a text; it marks go-sync-kit's form")
  fields.get('name', looseTextIn(source, 'name'))
  return without({
    ...contentOf(fields, context, ''),
    fallback: fields.get('settings', (node) => settingsFrom(node, source)),
  })
}

/** Whether a file is in go-sync-kit's form: ours has no version and no settings. */
export function isGoForm(top: Node): boolean {
  return isMap(top) && (top.has('version') || top.has('settings'))
}

function settingsFrom(node: Node, source: Source): string | undefined {
  const fields = new Fields(node, 'settings', source, settingsKeys)
  refuse(
    fields,
    'timeouts',
    'conflicts are resolved at once, and reviews wait as long as they must',
  )
  refuse(fields, 'limits', 'batches are sized by the node, and a file may have any number of rules')
  return fields.get('default_fallback', strategyIn(source, 'default_fallback'))
}

function contentOf(fields: Fields, context: FormContext, prefix: string, groupsKey = 'groups') {
  const { source } = context
  const [rules, groups] = [new Names(), new Names()]
  return without({
    rules: fields.get(
      'rules',
      listIn(source, 'rules', (node) => ruleFrom(node, context, rules, prefix)),
    ),
    groups: fields.get(
      groupsKey,
      listIn(source, groupsKey, (node) => groupFrom(node, context, groups, prefix)),
    ),
  })
}

function groupFrom(node: Node, context: FormContext, names: Names, prefix: string): RuleGroup {
  const { source, places } = context
  const fields = new Fields(node, 'a group', source, groupKeys)
  const name = names.of(fields, 'group')
  const last = fields.at('fallback')
  if (last !== undefined) places.rules.set(`${prefix}${name}.fallback`, last)
  const group = without({
    name,
    enabled: fields.get('enabled', flagIn(source, 'enabled')),
    fallback: fields.get('fallback', strategyIn(source, 'fallback')),
    ...contentOf(fields, context, `${prefix}${name}.`, 'subgroups'),
  })
  places.objects.set(group, node)
  return group
}

function ruleFrom(node: Node, context: FormContext, names: Names, prefix: string): Rule {
  const { source, places } = context
  const fields = new Fields(node, 'a rule', source, ruleKeys)
  const name = names.of(fields, 'rule')
  const when = fields.get('conditions', (given) => conditionsFrom(given, context))
  const resolution = fields.need(
    'resolution',
    (given) => resolutionFrom(given, source),
    'a map with the strategy',
  )
  const rule = without({
    name,
    when: when ?? 'always',
    resolve: resolution?.strategy ?? '',
    options: resolution?.options,
    enabled: fields.get('enabled', flagIn(source, 'enabled')),
    priority: fields.get('priority', wholeIn(source, 'priority', 1_000_000)),
  })
  places.rules.set(prefix + name, node)
  places.objects.set(rule, node)
  return rule
}

function conditionsFrom(node: Node, { source, places }: FormContext): When {
  const fields = new Fields(node, 'conditions', source, conditionKeys)
  refuse(fields, 'custom_match', 'it is never asked there; in our own form, `when` has `custom`')
  const when: Conditions = without({
    type: textsOf(fields, 'event_types', source),
    aggregate: textsOf(fields, 'aggregate_ids', source, (id) =>
      id.includes('*') ? 'here a star stands for any text, there for itself' : undefined,
    ),
    field: textsOf(fields, 'fields', source, (name) =>
      name === 'data' ? 'it stands for all data there, so leave it out' : undefined,
    ),
  })
  places.objects.set(when, node)
  return Object.keys(when).length === 0 ? 'always' : when
}

/** An empty list asks nothing there, so it is left out. */
function textsOf(
  fields: Fields,
  name: string,
  source: Source,
  problemOf: (text: string) => string | undefined = () => undefined,
): readonly string[] | undefined {
  const read: Read<string> = (node) => {
    const text = looseTextIn(source, name)(node)
    const problem = text === undefined ? undefined : problemOf(text)
    if (problem !== undefined)
      source.error(node, `${JSON.stringify(text)} in ${name} can't be said here: ${problem}`)
    return text
  }
  const texts = fields.get(name, listIn(source, name, read))
  return texts?.length === 0 ? undefined : texts
}

function resolutionFrom(node: Node, source: Source) {
  const fields = new Fields(node, 'a resolution', source, ['strategy', 'options'])
  const strategy = fields.need('strategy', strategyIn(source, 'strategy'), strategyNames.join(', '))
  const options = fields.get('options', (given) => {
    const allowed = strategy === 'manual-review' ? ['reason'] : []
    const named = new Fields(given, 'the options of this strategy', source, allowed)
    return without({ reason: named.get('reason', textIn(source, 'reason')) })
  })
  return without({ strategy, options })
}

function strategyIn(source: Source, name: string): Read<string> {
  const read = oneOfIn(source, name, strategyNames)
  return (node) => {
    // They are read in any case there.
    const value = isScalar(node) && typeof node.value === 'string' ? node.value : ''
    return strategies.get(value.toLowerCase()) ?? read(node)
  }
}

/** In a place for a text, numbers are taken as they are written there. */
function looseTextIn(source: Source, name: string): Read<string> {
  return (node) =>
    isScalar(node) && typeof node.value === 'number' && node.source !== undefined
      ? node.source
      : textIn(source, name)(node)
}

function refuse(fields: Fields, name: string, why: string): void {
  const node = fields.at(name)
  if (node === undefined || (isMap(node) && node.items.length === 0)) return
  fields.source.error(node, `${name} can't be said here: ${why}`)
}

const strategies: ReadonlyMap<string, string> = new Map([
  ['last_write_wins', 'last-write-wins'],
  ['lww', 'last-write-wins'],
  ['first_write_wins', 'first-write-wins'],
  ['fww', 'first-write-wins'],
  ['additive_merge', 'additive'],
  ['merge', 'additive'],
  ['manual_review', 'manual-review'],
  ['manual', 'manual-review'],
])
const strategyNames = [...strategies.keys()]
const topKeys = ['version', 'name', 'description', 'metadata', 'settings', 'groups', 'rules']
// Features and custom settings are the application's own, as metadata is.
const settingsKeys = ['default_fallback', 'timeouts', 'limits', 'features', 'custom']
const groupKeys = ['name', 'description', 'enabled', 'fallback', 'rules', 'subgroups', 'metadata']
const ruleKeys = [
  'name',
  'description',
  'enabled',
  'priority',
  'conditions',
  'resolution',
  'metadata',
]
const conditionKeys = ['event_types', 'aggregate_ids', 'fields', 'custom_match']
