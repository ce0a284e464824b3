import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { failure } from '../misuse.ts'

/** What a module exports, by name. */
export type Exports = Readonly<Record<string, unknown>>

/**
 * Loads a module of the application: JavaScript, or TypeScript as Node runs it. Its code runs in this process. What
 * a default export holds counts as exported as well, below what is exported by name.
 */
export async function loadModule(path: string): Promise<Exports> {
  const file = resolve(path)
  const found = await stat(file).catch(() => undefined)
  if (found === undefined) throw failure('not_found', `there is no module ${path}`)
  if (!found.isFile()) throw failure('not_found', `${path} is a folder; name a module in it`)
  try {
    const exported = (await import(pathToFileURL(file).href)) as Exports
    return isObject(exported.default) ? { ...exported.default, ...exported } : exported
  } catch (cause) {
    const { message } = cause as Partial<Error>
    throw failure('invalid_argument', `${path} can't be loaded: ${message ?? String(cause)}`, cause)
  }
}

/** For a module that has nothing of what is asked for: what it has instead. */
export function exportsOf(exported: Exports): string {
  const names = Object.keys(exported).filter((name) => name !== 'default')
  return names.length === 0 ? 'it exports nothing by name' : `it exports ${names.join(', ')}`
}

export function isObject(value: unknown): value is Exports {
  return typeof value === 'object' && value !== null
}
