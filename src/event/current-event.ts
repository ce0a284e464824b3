import { LogEvent } from './log-event.ts'
import type { Upcast } from './upcaster.ts'

/**
 * An event as an application reads it: `data` in the current schema version, all else as it was written. What
 * needs no upcaster is itself. `data` throws as `Upcast` says; that of a newer event is as it was written.
 */
export function currentEvent(event: LogEvent, upcast: Upcast, current: number): LogEvent {
  if (event.stub !== null || event.schemaVersion === current) return event
  return event.schemaVersion > current ? new NewerEvent(event) : new OlderEvent(event, upcast)
}

class OlderEvent extends LogEvent {
  readonly #upcast: Upcast
  #current: { readonly data: unknown } | undefined

  constructor(event: LogEvent, upcast: Upcast) {
    super(event)
    this.#upcast = upcast
  }

  override get data(): unknown {
    this.#current ??= this.#upcast(this) as { readonly data: unknown }
    return this.#current.data
  }

  /** As it was written: the schema version beside the data is its own. */
  override toJSON(): object {
    return new LogEvent(this).toJSON()
  }
}

class NewerEvent extends LogEvent {
  override get newer(): boolean {
    return true
  }
}
