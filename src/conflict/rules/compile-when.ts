import { aFunction, fields, oneOf, text, unwanted } from '../../errors/check.ts'
import { always, type Condition, type Leaf } from './condition.ts'
import type { Conditions, CustomCondition, OneOrMore, When } from './when.ts'
import { relations } from './when.ts'
import { at } from './where.ts'

/** Checks a condition; what is wrong with it is named by its way from the top, `rules[2].when.type`. */
export function compileWhen(
  when: When,
  name: string,
  customs: Readonly<Record<string, CustomCondition>>,
): Condition {
  if (when === 'always') return always
  if (typeof when === 'string') throw unwanted(name, when, '"always" or an object', at)
  const given = Object.entries(fields(name, when, at)).filter(([, value]) => value !== undefined)
  if (given.length === 0)
    throw unwanted(name, undefined, 'give a condition, or "always" for every conflict', at)
  const parts = given.map(([key, value]) => {
    const part = compilers[key as keyof Conditions]
    if (part === undefined) throw unwanted(`${name}.${key}`, value, `one of ${known}`, at)
    return part(value as never, `${name}.${key}`, customs)
  })
  return parts.length === 1 ? (parts[0] as Condition) : { kind: 'and', of: parts }
}

type Compile = (
  value: never,
  name: string,
  customs: Readonly<Record<string, CustomCondition>>,
) => Condition

const compilers: Readonly<Record<keyof Conditions, Compile>> = {
  type: (value, name) => ({ kind: 'type', values: texts(value, name) }),
  aggregate: (value, name) => ({ kind: 'aggregate', values: texts(value, name) }),
  field: (value, name) => ({ kind: 'field', values: texts(value, name) }),
  origin: (value, name) => ({ kind: 'origin', values: texts(value, name) }),
  relation: (value, name) => ({
    kind: 'relation',
    values: texts(value, name).map((one) => oneOf(name, one, relations, at)),
  }),
  metadata: metadataOf,
  custom: customOf,
  and: (value: readonly When[], name, customs) => ({ kind: 'and', of: list(value, name, customs) }),
  or: (value: readonly When[], name, customs) => ({ kind: 'or', of: list(value, name, customs) }),
  not: (value: When, name, customs) => ({ kind: 'not', of: compileWhen(value, name, customs) }),
}

const known = Object.keys(compilers).join(', ')

function list(
  value: readonly When[],
  name: string,
  customs: Readonly<Record<string, CustomCondition>>,
): readonly Condition[] {
  if (!Array.isArray(value) || value.length === 0)
    throw unwanted(name, value, 'a list of conditions that is not empty', at)
  return value.map((one, index) => compileWhen(one, `${name}[${index}]`, customs))
}

function texts(value: OneOrMore<string>, name: string): readonly string[] {
  const values = Array.isArray(value) ? (value as readonly string[]) : [value as string]
  if (values.length === 0) throw unwanted(name, value, 'a string, or a list that is not empty', at)
  values.forEach((one, index) => {
    text(Array.isArray(value) ? `${name}[${index}]` : name, one, at)
  })
  return [...new Set(values)].toSorted()
}

function metadataOf(value: NonNullable<Conditions['metadata']>, name: string): Leaf {
  const entries = Object.entries(fields(name, value, at)).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  )
  if (entries.length === 0) throw unwanted(name, undefined, 'give at least one value', at)
  for (const [key, wanted] of entries)
    if (wanted !== null && !['string', 'number', 'boolean'].includes(typeof wanted))
      throw unwanted(`${name}.${key}`, wanted, 'a string, a number, true, false or null', at)
  return { kind: 'metadata', entries }
}

function customOf(
  value: string,
  name: string,
  customs: Readonly<Record<string, CustomCondition>>,
): Leaf {
  text(name, value, at)
  if (!Object.hasOwn(customs, value))
    throw unwanted(name, value, 'the name of a condition in `conditions`', at)
  const holds = customs[value] as CustomCondition
  aFunction(`conditions.${value}`, holds, at)
  return { kind: 'custom', name: value, holds }
}
