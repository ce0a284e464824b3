import { optionNames } from './check-node.ts'
import type { SyncNodeOptions } from './node-options.ts'
import { SyncNode } from './sync-node.ts'
import type { AnyEvents, EventMap } from './typed-events.ts'
import type { EventSchemas } from './validation.ts'

/**
 * A node's options, one call after the other; each method is the option of that name. Nothing is checked
 * before `build()`.
 */
export type SyncNodeBuilder<Events extends EventMap = AnyEvents> = {
  readonly [Option in keyof SyncNodeOptions<Events> as Exclude<Option, 'validation'>]-?: Setter<
    NonNullable<SyncNodeOptions<Events>[Option]>,
    Events
  >
} & {
  /** As the option; the event types follow from the schemas, unless they were given to `syncNode`. */
  readonly validation: AnyEvents extends Events
    ? <Checked extends EventMap>(schemas: EventSchemas<Checked>) => SyncNodeBuilder<Checked>
    : (schemas: EventSchemas<Events>) => SyncNodeBuilder<Events>
  /**
   * The node. Throws one `invalid_argument` that names everything that is missing, makes no sense or
   * excludes each other; `details.problems` lists it when it is more than one. The options stay; but store
   * and transport belong to the node built, so another one needs others.
   */
  build(): SyncNode<Events>
  /** Forgets every option. */
  reset(): SyncNodeBuilder<Events>
}

/** A switch is turned on by its name alone. */
type Setter<Value, Events extends EventMap> = boolean extends Value
  ? (on?: boolean) => SyncNodeBuilder<Events>
  : (value: Value) => SyncNodeBuilder<Events>

/**
 * Builds a node option by option:
 *
 * ```ts
 * const node = syncNode().store(store).transport(transport).batchSize(500).pushOnly().build()
 * ```
 */
export function syncNode<Events extends EventMap = AnyEvents>(): SyncNodeBuilder<Events> {
  const given = new Map<string, unknown>()
  const setters = optionNames.map((name) => [
    name,
    (...values: readonly unknown[]) => {
      given.set(name, values.length === 0 ? true : values[0])
      return builder
    },
  ])
  // What the table of options holds, the type above says.
  const builder = Object.assign(Object.fromEntries(setters), {
    build: () => new SyncNode(Object.fromEntries(given) as unknown as SyncNodeOptions<Events>),
    reset() {
      given.clear()
      return builder
    },
  }) as SyncNodeBuilder<Events>
  return builder
}
