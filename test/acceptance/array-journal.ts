import type { Journal } from '../../src/store/memory/index.ts'

/** A journal over a list of records that outlives the store: copy the list to copy the store. */
export function arrayJournal(records: string[]): Journal {
  return {
    records: async () => [...records],
    async append(record) {
      // As a disk would: a moment passes before the record is there.
      await Promise.resolve()
      records.push(record)
    },
    async replace(others) {
      records.splice(0, records.length, ...others)
    },
    async close() {},
  }
}
