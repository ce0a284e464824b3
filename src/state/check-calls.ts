import {
  isGlob,
  pathProblem,
  patternProblem,
  type StateObject,
  targetProblem,
} from '../contracts/index.ts'
import {
  abortSignal,
  aFunction,
  fields,
  type Known,
  oneOf,
  unwanted,
  type Where,
  wholeNumber,
} from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { jsonTextOf } from '../json/json-text.ts'
import type { PatchForm } from '../json/patch/patched.ts'
import type { Operation, Update } from './operation.ts'
import type { Expected, KeysOptions, ListOptions, StateWrite } from './state.ts'

/** Checks what callers hand in; all it throws is `invalid_argument`, naming what is wrong. */
export class CallChecks {
  readonly #reserved: readonly string[]
  readonly #draw: (list: string) => string

  /** `draw`: a new path in a list. */
  constructor(reserved: readonly string[], draw: (list: string) => string) {
    this.#reserved = reserved
    this.#draw = draw
  }

  path(operation: string, path: string): string {
    return checked(path, pathProblem(path, this.#reserved), operation)
  }

  pattern(operation: string, pattern: string): string {
    return checked(pattern, patternProblem(pattern, this.#reserved), operation)
  }

  list(options: ListOptions): void {
    const where = at('list')
    const {
      order = 'newest',
      limit = 1,
      from,
      to,
      signal,
    } = fields('options', options, where, listOptionNames)
    oneOf('order', order, ['newest', 'oldest', 'path'], where)
    wholeNumber('limit', limit, where, { from: 1 })
    for (const [name, time] of Object.entries({ from, to }))
      if (time !== undefined && typeof time !== 'bigint')
        throw unwanted(name, time, 'nanoseconds, a bigint', where)
    abortSignal(signal, where)
  }

  keys(options: KeysOptions): void {
    const where = at('keys')
    const {
      filter = '',
      skip = 0,
      limit = 1,
      signal,
    } = fields('options', options, where, keysOptionNames)
    if (typeof filter !== 'string') throw unwanted('filter', filter, 'a prefix or pattern', where)
    wholeNumber('skip', skip, where)
    wholeNumber('limit', limit, where, { from: 1, to: 10_000 })
    abortSignal(signal, where)
  }

  set(path: string, data: unknown, options: Expecting = {}): Operation {
    checked(path, targetProblem(path, this.#reserved), 'set')
    const expected = expectedOf('set', options)
    if (!isGlob(path)) return { kind: 'set', path, text: jsonTextOf(data), expected }
    if (expected === 'any' || expected === 'none') return this.push(path, data)
    const wanted = 'left out with a list: nothing stands at a new index'
    throw unwanted('expected', options.expected, wanted, at('set'))
  }

  push(list: string, data: unknown): Operation {
    checked(list, targetProblem(list, this.#reserved), 'push')
    if (!isGlob(list)) throw unwanted('list', list, 'a list: its last segment is *', at('push'))
    return { kind: 'push', list, path: this.#draw(list), text: jsonTextOf(data) }
  }

  patch(
    path: string,
    patch: unknown,
    form: PatchForm = 'merge',
    options: Expecting = {},
  ): Operation {
    this.path('patch', path)
    oneOf('form', form, ['merge', 'merge-patch', 'json-patch'], at('patch'))
    const expected = expectedOf('patch', options)
    return { kind: 'patch', path, text: jsonTextOf(patch), form, expected }
  }

  delete(pattern: string, options: Expecting = {}): Operation {
    this.pattern('delete', pattern)
    const expected = expectedOf('delete', options)
    if (!pattern.includes('*')) return { kind: 'delete', path: pattern, expected }
    if (expected !== 'any')
      throw unwanted(
        'expected',
        options.expected,
        'left out with a pattern: each object has its own',
        at('delete'),
      )
    return { kind: 'clear', pattern }
  }

  update(path: string, change: Update): Operation {
    this.path('update', path)
    aFunction('change', change, at('update'))
    return { kind: 'update', path, change }
  }

  write(writes: readonly StateWrite[]): readonly Operation[] {
    const where = at('write')
    if (!Array.isArray(writes) || writes.length === 0 || writes.length > mostWrites)
      throw unwanted('writes', writes, `a list of 1 to ${mostWrites} writes`, where)
    return writes.map((write: StateWrite) => {
      fields('write', write, where)
      // A misspelt `expected` would overwrite what nobody has seen.
      if ('set' in write) {
        fields('write', write, where, setNames)
        return this.set(write.set, write.data, write)
      }
      if ('push' in write) {
        fields('write', write, where, pushNames)
        return this.push(write.push, write.data)
      }
      if ('patch' in write) {
        fields('write', write, where, patchNames)
        return this.patch(write.patch, write.with, write.form, write)
      }
      if ('delete' in write) {
        fields('write', write, where, deleteNames)
        return this.delete(write.delete, write)
      }
      throw unwanted('write', write, 'an object with set, push, patch or delete', where)
    })
  }
}

export function at(operation: string): Where {
  return { operation, component: 'state' }
}

function checked(path: string, problem: string | undefined, operation: string): string {
  if (problem === undefined) return path
  const shown = typeof path === 'string' ? JSON.stringify(path.slice(0, 100)) : String(path)
  throw new RejoinError('invalid_argument', `the path ${shown} ${problem}`, {
    ...at(operation),
    ...(typeof path === 'string' && { details: { path: path.slice(0, 100) } }),
  })
}

function expectedOf(operation: string, options: Expecting): Expected {
  if (!('expected' in options)) return 'any'
  // What was read, handed back: nothing stood there. Taken for `any` it would overwrite what nobody has seen.
  const given = options.expected === undefined ? 'none' : options.expected
  if (typeof given === 'bigint' || given === 'none' || given === 'some' || given === 'any')
    return given
  const object = given as Partial<StateObject> | null
  if (typeof object?.created === 'bigint' && typeof object.updated === 'bigint') return given
  const wanted = 'an object that was read, its updated, "none", "some" or "any"'
  throw unwanted('expected', given, wanted, at(operation))
}

const mostWrites = 1_000

interface Expecting {
  readonly expected?: Expected | undefined
}

const keysOptionNames: Known<KeysOptions> = { filter: true, skip: true, limit: true, signal: true }

const listOptionNames: Known<ListOptions> = {
  order: true,
  limit: true,
  from: true,
  to: true,
  signal: true,
}

type Write<Kind extends string> = Extract<StateWrite, Readonly<Record<Kind, unknown>>>

const setNames: Known<Write<'set'>> = { set: true, data: true, expected: true }
const pushNames: Known<Write<'push'>> = { push: true, data: true }
const patchNames: Known<Write<'patch'>> = { patch: true, with: true, form: true, expected: true }
const deleteNames: Known<Write<'delete'>> = { delete: true, expected: true }
