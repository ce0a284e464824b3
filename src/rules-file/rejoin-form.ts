import type { BesideSnapshot, Rule, RuleGroup } from '../conflict/index.ts'
import { builtInResolvers } from '../conflict/rules/choose-resolver.ts'
import { Fields, flagIn, listIn, oneOfIn, textIn, wholeIn } from './fields.ts'
import type { Form, FormContext } from './form.ts'
import { Names } from './names.ts'
import type { Node } from './source.ts'
import { jsonIn, mapIn } from './values.ts'
import { whenFrom } from './when-form.ts'

/** The data of a `RulesInit`, key for key; `description` may stand anywhere. */
export const rejoinForm: Form = (top, context) => {
  const { source, conflictKeys } = context
  const fields = new Fields(top, 'a file of rules', source, topKeys)
  describedBy(fields)
  return without({
    ...contentOf(fields, context, ''),
    conflictKey: fields.get(
      'conflictKey',
      oneOfIn(source, 'conflictKey', ['type', 'aggregate', ...conflictKeys]),
    ),
    besideSnapshot: fields.get(
      'besideSnapshot',
      oneOfIn<BesideSnapshot>(source, 'besideSnapshot', ['review', 'keep']),
    ),
    revision: fields.get('revision', textIn(source, 'revision')),
  })
}

function contentOf(fields: Fields, context: FormContext, prefix: string): Partial<RuleGroup> {
  const { source } = context
  const [rules, groups] = [new Names(), new Names()]
  return without({
    rules: fields.get(
      'rules',
      listIn(source, 'rules', (node) => ruleFrom(node, context, rules, prefix)),
    ),
    groups: fields.get(
      'groups',
      listIn(source, 'groups', (node) => groupFrom(node, context, groups, prefix)),
    ),
    fallback: fields.get('fallback', resolverIn(context, 'fallback')),
  })
}

function groupFrom(node: Node, context: FormContext, names: Names, prefix: string): RuleGroup {
  const { source, places } = context
  const fields = new Fields(node, 'a group', source, groupKeys)
  describedBy(fields)
  const name = names.of(fields, 'group')
  const fallback = fields.at('fallback')
  if (fallback !== undefined) places.rules.set(`${prefix}${name}.fallback`, fallback)
  const enabled = fields.get('enabled', flagIn(source, 'enabled'))
  const group = without({ name, enabled, ...contentOf(fields, context, `${prefix}${name}.`) })
  places.objects.set(group, node)
  return group
}

function ruleFrom(node: Node, context: FormContext, names: Names, prefix: string): Rule {
  const { source, places } = context
  const fields = new Fields(node, 'a rule', source, ruleKeys)
  describedBy(fields)
  const name = names.of(fields, 'rule')
  const when = fields.need(
    'when',
    (given) => whenFrom(given, context),
    'conditions, or "always" for every conflict',
  )
  const resolve = fields.need('resolve', resolverIn(context, 'resolve'), 'the name of a resolver')
  const rule = without({
    name,
    when: when ?? 'always',
    resolve: resolve ?? '',
    options: fields.get('options', (given) => optionsFrom(given, resolve, context)),
    enabled: fields.get('enabled', flagIn(source, 'enabled')),
    priority: fields.get('priority', wholeIn(source, 'priority', 1_000_000)),
  })
  places.rules.set(prefix + name, node)
  places.objects.set(rule, node)
  return rule
}

function resolverIn({ source, resolvers }: FormContext, name: string) {
  return oneOfIn(source, name, [...builtInResolvers, ...resolvers])
}

function optionsFrom(node: Node, resolver: string | undefined, { source, resolvers }: FormContext) {
  if (resolver === undefined || resolvers.includes(resolver))
    return mapIn(source, 'options', jsonIn(source, 'options'))(node)
  const fields = new Fields(node, `the options of ${resolver}`, source, builtInOptions[resolver])
  return without({ reason: fields.get('reason', textIn(source, 'reason')) })
}

function describedBy(fields: Fields): void {
  fields.get('description', textIn(fields.source, 'description'))
}

/** Without what is undefined. */
export function without<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Defined<T>
}

type Defined<T> = {
  [Name in keyof T as undefined extends T[Name] ? never : Name]: T[Name]
} & { [Name in keyof T as undefined extends T[Name] ? Name : never]?: Exclude<T[Name], undefined> }

const topKeys = [
  'rules',
  'groups',
  'fallback',
  'conflictKey',
  'besideSnapshot',
  'revision',
  'description',
]
const groupKeys = ['name', 'rules', 'groups', 'fallback', 'enabled', 'description']
const ruleKeys = ['name', 'when', 'resolve', 'options', 'enabled', 'priority', 'description']
const builtInOptions: Readonly<Record<string, readonly string[]>> = {
  additive: [],
  'last-write-wins': [],
  'first-write-wins': [],
  'merge-fields': [],
  'manual-review': ['reason'],
}
