import { fields, trueOrFalse, unwanted, type Where } from '../../errors/check.ts'
import { stringifyLossless } from '../../json/index.ts'
import { idProblem } from '../ids.ts'
import type { Condition, FilterFields, Ordered, Scalar } from './event-filter.ts'

/** A filter's fields in the one form that everybody means the same by: sorted, nothing twice, no short forms. */
export type CheckedFields = Omit<FilterFields, 'metadata'> & {
  readonly metadata?: Readonly<Record<string, Condition>>
}

/** Throws `invalid_argument` naming the field that makes no sense. */
export function checkedFields(given: object, where: Where): CheckedFields {
  const { aggregates, tenant, types, metadata, ...others } = given as Record<string, unknown>
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined)
    throw unwanted('filter', unknown, `made of ${names(fieldNames)}, or of key and matches`, where)
  const checked = {
    ...(aggregates !== undefined && { aggregates: texts('aggregates', aggregates, where) }),
    ...(metadata !== undefined && { metadata: checkedConditions(metadata, where) }),
    ...(tenant !== undefined && { tenant: text('tenant', tenant, where) }),
    ...(types !== undefined && { types: texts('types', types, where) }),
  }
  if (Object.keys(checked).length > 0) return checked
  throw unwanted('filter', given, `made of at least one of ${names(fieldNames)}`, where)
}

function checkedConditions(given: unknown, where: Where): Readonly<Record<string, Condition>> {
  const entries = Object.entries(fields('filter.metadata', given as object, where))
  if (entries.length === 0 || entries.length > mostKeys)
    throw unwanted('filter.metadata', given, `an object with 1 to ${mostKeys} keys`, where)
  const checked = entries
    .toSorted(byKey)
    .map(([key, condition]) => [key, checkedCondition(`metadata.${key}`, condition, where)])
  return Object.fromEntries(checked) as Readonly<Record<string, Condition>>
}

function checkedCondition(name: string, given: unknown, where: Where): Condition {
  if (isScalar(given)) return { equals: given }
  const condition = fields(`filter.${name}`, given as object, where)
  const entries = Object.entries(condition).filter(([, value]) => value !== undefined)
  const stranger = entries.find(([operator]) => !Object.hasOwn(operators, operator))
  if (entries.length === 0 || stranger !== undefined) {
    const known = names(Object.keys(operators))
    throw unwanted(`filter.${name}`, stranger?.[0] ?? given, `a value, or made of ${known}`, where)
  }
  const checked = entries.toSorted(byKey).map(([operator, value]) => {
    const check = operators[operator as keyof Condition]
    return [operator, check(`filter.${name}.${operator}`, value, where)]
  })
  return Object.fromEntries(checked) as Condition
}

const operators: Readonly<
  Record<keyof Condition, (name: string, value: unknown, where: Where) => unknown>
> = {
  equals: scalar,
  not: scalar,
  gt: ordered,
  gte: ordered,
  lt: ordered,
  lte: ordered,
  in: scalars,
  exists: trueOrFalse,
}

function scalar(name: string, value: unknown, where: Where): Scalar {
  if (isScalar(value)) return value
  throw unwanted(name, value, 'a string, a number, true, false or null', where)
}

function ordered(name: string, value: unknown, where: Where): Ordered {
  if (isScalar(value) && value !== null && typeof value !== 'boolean') return value
  throw unwanted(name, value, 'a string or a number', where)
}

function scalars(name: string, value: unknown, where: Where): readonly Scalar[] {
  const list = listed(name, value, where)
  list.forEach((one, at) => {
    scalar(`${name}[${at}]`, one, where)
  })
  const byText = new Map(list.map((one) => [stringifyLossless(one), one as Scalar]))
  return [...byText].toSorted(byKey).map(([, one]) => one)
}

function texts(field: string, value: unknown, where: Where): readonly string[] {
  const list = listed(`filter.${field}`, value, where)
  return [...new Set(list.map((one, at) => text(`${field}[${at}]`, one, where)))].sort()
}

function text(field: string, value: unknown, where: Where): string {
  const problem = idProblem(value, longestText)
  if (problem === undefined) return value as string
  throw unwanted(`filter.${field}`, value, `a text such as an id: it ${problem}`, where)
}

function listed(name: string, value: unknown, where: Where): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0 && value.length <= mostListed) return value
  throw unwanted(name, value, `a list of 1 to ${mostListed}`, where)
}

function isScalar(value: unknown): value is Scalar {
  if (typeof value === 'string') return value.isWellFormed() && value.length <= longestText
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value === 'boolean' || typeof value === 'bigint' || value === null
}

function names(list: readonly string[]): string {
  return list.join(', ')
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0
}

const fieldNames = ['aggregates', 'tenant', 'types', 'metadata']
const mostListed = 1_000
const mostKeys = 100
const longestText = 4_096
