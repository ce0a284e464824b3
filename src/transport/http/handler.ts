import type { Replica } from '../../contracts/index.ts'
import { fields, type Known } from '../../errors/check.ts'
import type { LogEvent } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { eventForm } from '../remote/index.ts'
import { isPositioned } from './compat/context.ts'
import { compatProfile } from './compat/routes.ts'
import { type CompatOptions, compatOptionsOf } from './compat/versions.ts'
import { type HttpLimitOptions, httpLimits } from './limits.ts'
import {
  type Handler,
  type NativeHandlerOptions,
  nativeHandler,
  nativeHandlerOptionNames,
} from './native-handler.ts'

/** Where a served log stands, who may use it and how much at a time. */
export interface LogHandlerOptions extends NativeHandlerOptions {
  /** The path this log is mounted at. Default `/sync`; a named log stands at `/sync/logs/<name>`. */
  readonly base?: string
  readonly limits?: HttpLimitOptions
  /**
   * How go-sync-kit's clients are served, or `false`: not at all. They find their paths beside the native
   * ones, as far as the log can be read by position.
   */
  readonly compat?: CompatOptions | false
}

/**
 * Serves a log to whoever calls it with a fetch `Request`: over the native protocol (see native-routes.ts) and, when
 * the log can be read by position, over go-sync-kit's (see compat/). It always answers, whatever comes in:
 * bad input with a 4xx that says what is wrong and changes nothing, storage trouble that may pass with 503
 * and Retry-After. It rejects only with the reason of the request's signal.
 */
export function logHandler(replica: Replica<LogEvent>, options: LogHandlerOptions = {}): Handler {
  const {
    base = '/sync',
    compat = {},
    runtime = systemRuntime,
  } = fields('options', options, opening, logHandlerOptionNames)
  const limits = httpLimits(options.limits)
  const form = eventForm(limits.event, runtime)
  return nativeHandler(
    replica,
    {
      base,
      limits,
      form,
      beside(streams) {
        if (compat === false) return undefined
        const checked = compatOptionsOf(compat, opening)
        if (!isPositioned(replica)) return undefined
        return compatProfile({ log: replica, limits, runtime, streams, ...checked })
      },
    },
    options,
  )
}

const opening = { operation: 'open', component: 'transport/http' }

export const logHandlerOptionNames: Known<LogHandlerOptions> = {
  base: true,
  limits: true,
  compat: true,
  ...nativeHandlerOptionNames,
}
