import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** The same logger, but what it throws is dropped: there is nowhere left to write it. */
export function guardedLogger(logger: Logger): Logger {
  const quietly = (write: () => void) => {
    try {
      dropRejection(write())
    } catch {}
  }
  return {
    debug: (message, fields) => quietly(() => logger.debug(message, fields)),
    info: (message, fields) => quietly(() => logger.info(message, fields)),
    warn: (message, fields) => quietly(() => logger.warn(message, fields)),
    error: (message, fields) => quietly(() => logger.error(message, fields)),
  }
}

/** The same metrics, but what they throw is logged. */
export function guardedMetrics(metrics: Metrics, logger: Logger): Metrics {
  const safely = (count: () => unknown) => tellMetrics(count, logger)
  return {
    syncEnded: (sync) => safely(() => metrics.syncEnded(sync)),
    storageCalled: (call) => safely(() => metrics.storageCalled(call)),
    transportCalled: (call) => safely(() => metrics.transportCalled(call)),
  }
}

/** Counts something; what that throws is logged. */
export function tellMetrics(count: () => unknown, logger: Logger): void {
  tellListener(count, undefined, (error) => logger.error('metrics threw', { error }))
}

/** Calls a listener of the application's, which nobody waits for; `failed` gets what it throws or rejects with. */
export function tellListener<News>(
  listener: (news: News) => unknown,
  news: News,
  failed: (error: unknown) => void,
): void {
  try {
    dropRejection(listener(news), failed)
  } catch (error) {
    failed(error)
  }
}

/** An async function fits where nothing is expected back; its rejection would end the process. */
function dropRejection(answer: unknown, failed: (error: unknown) => void = () => {}): void {
  if (answer instanceof Promise) answer.catch(failed)
}
