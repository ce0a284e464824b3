import type { RuleSet } from '../conflict/index.ts'
import { abortSignal, aFunction, optionalFunction, text, timerTime } from '../errors/check.ts'
import type { RejoinError } from '../errors/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import type { RulesCode } from './check-rules.ts'
import { readRules, rulesFromText } from './read-rules.ts'
import { type RulesWatch, RulesWatcher } from './rules-watcher.ts'

export interface WatchRulesOptions extends RulesCode {
  /**
   * Told once of each content of the file that can't be used, and of a file that is gone or unreadable; the
   * rules before stay. What it throws is dropped.
   */
  readonly onError?: (error: RejoinError) => void
  /** Ends the watch, as `close()` does. */
  readonly signal?: AbortSignal
  /** Milliseconds a content must have stayed as it is before it counts. Default 100. */
  readonly debounce?: number
  /** Milliseconds after which the file is looked at unasked, where the system can't tell. Default 10,000. */
  readonly interval?: number
  readonly runtime?: Runtime
}

/**
 * Reads a file of rules and calls back whenever it has others: with another `hash`, so not for comments. A
 * file that another is moved over is noticed as well, and so are links that lead elsewhere. Rejects as
 * `rulesFromFile` does when the file can't be used to begin with. Does not keep the process alive.
 *
 * ```ts
 * const watched = await watchRules('rules.yaml', (rules) => node.useRules(rules), { onError: console.error })
 * node.useRules(watched.rules)
 * ```
 */
export async function watchRules(
  path: string,
  onChange: (rules: RuleSet) => void,
  options: WatchRulesOptions = {},
): Promise<RulesWatch> {
  const { onError, signal, debounce = 100, interval = 10_000, runtime = systemRuntime } = options
  text('path', path, at)
  aFunction('onChange', onChange, at)
  optionalFunction('onError', onError, at)
  abortSignal(signal, at)
  timerTime('debounce', debounce, at)
  timerTime('interval', interval, at)
  const { resolvers = {}, conditions = {}, conflictKeys = {}, hooks = {} } = options
  const code = { resolvers, conditions, conflictKeys, hooks, file: path }
  const parse = (content: string) => rulesFromText(content, code)
  const watcher = new RulesWatcher({ path, parse, onChange, onError, debounce, interval, runtime })
  try {
    const content = await readRules(path, signal)
    watcher.start(content, parse(content), signal)
    return watcher
  } catch (error) {
    await watcher.close()
    throw error
  }
}

const at = { operation: 'watchRules', component: 'rules-file' } as const
