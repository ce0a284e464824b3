import type { EventStore, Transport } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { LogEvent } from '../event/index.ts'
import type { Health, HealthCheck, HealthReport, Logger } from '../ports/index.ts'
import { type Runtime, withDeadline } from '../runtime/index.ts'
import { untilAborted } from '../transport/remote/index.ts'

export interface HealthSubjects {
  readonly store: EventStore
  /** By name, the primary one first. */
  readonly transports: ReadonlyMap<string, Transport<LogEvent>>
  readonly runtime: Runtime
  readonly logger: Logger
}

/** Registers a check of the store and one of the way to each remote; answers with a way to remove them. */
export function registerChecks(health: Health, subjects: HealthSubjects): () => void {
  const { store, transports, runtime, logger } = subjects
  const remotes = [...transports].map(([name, transport], at) => {
    const look: Look = (signal) => lookAtRemote(store, transport, signal)
    return [at === 0 ? 'transport' : `transport:${name}`, look] as const
  })
  const looks: readonly (readonly [string, Look])[] = [
    ['storage', (signal) => lookAtStore(store, signal)],
    ...remotes,
  ]
  const removals: (() => void)[] = []
  const safely = (work: () => void) => {
    try {
      work()
    } catch (error) {
      logger.error('the health port threw', { error })
    }
  }
  for (const [name, look] of looks)
    safely(() => removals.push(health.register(name, checkOf(name, look, runtime))))
  return () => {
    for (const remove of removals.splice(0)) safely(remove)
  }
}

type Look = (signal: AbortSignal) => Promise<Omit<HealthReport, 'status'>>

/** A check that ends in time, and answers whatever happens. */
function checkOf(name: string, look: Look, runtime: Runtime): HealthCheck {
  const late = () =>
    new RejoinError('timeout', `no answer within ${timeLimit} ms`, {
      operation: 'check',
      component: name,
    })
  return async ({ signal } = {}) => {
    const began = runtime.monotonic()
    const took = () => ({ duration: runtime.monotonic() - began })
    try {
      const found = await withDeadline(runtime, timeLimit, signal, late, (inner) =>
        untilAborted(inner, look(inner)),
      )
      return { status: 'healthy', ...found, details: { ...found.details, ...took() } }
    } catch (cause) {
      const error = RejoinError.from(cause, { operation: 'check', component: name })
      const { message, code } = error
      return { status: 'unhealthy', message, details: { code, ...took() }, error }
    }
  }
}

/** Reads for real: what a store knows by heart says nothing about its disk. */
async function lookAtStore(store: EventStore, signal: AbortSignal): ReturnType<Look> {
  const { node } = await store.identity(signal)
  await store.entries({ count: 1 }, signal)
  return { message: 'the store answers', details: { node } }
}

async function lookAtRemote(
  store: EventStore,
  transport: Transport<LogEvent>,
  signal: AbortSignal,
): ReturnType<Look> {
  const { origin } = await store.identity(signal)
  const { node } = await transport.hello({ origin }, signal)
  return { message: 'the remote answers', details: { node } }
}

const timeLimit = 5_000
