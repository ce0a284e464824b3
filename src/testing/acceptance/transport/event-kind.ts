import type { EventStore } from '../../../contracts/index.ts'
import { filterOf, type LogEvent } from '../../../event/index.ts'
import { systemRuntime } from '../../../runtime/index.ts'
import { MemoryStore } from '../../../store/memory/index.ts'
import { writer } from '../event-store/elsewhere.ts'
import { append, sameEvents, snapshotOf } from '../event-store/reading.ts'
import type { Kind } from './kind.ts'

/** Events, in a log. */
export const eventKind: Kind<EventStore, LogEvent> = {
  open: (runtime) => MemoryStore.open({ node: 'hub', runtime }),
  append: (log, ...drafts) =>
    append(
      log,
      ...drafts.map(({ group = 'a', dataText = '{}' }) => ({
        type: 'noted',
        aggregateId: group,
        dataText,
      })),
    ),
  writer(name) {
    const { origin, write } = writer(name)
    return {
      origin,
      write: ({ group, ...rest } = {}) => write({ ...(group && { aggregateId: group }), ...rest }),
    }
  },
  same: sameEvents,
  snapshotOf,
  filterFor: (group) => filterOf({ aggregates: [group] }, systemRuntime, testing),
}

const testing = { operation: 'test', component: 'testing/acceptance' }
