import { describe, it } from 'vitest'
import { eventStoreSuite } from '../../src/testing/acceptance/event-store/suite.ts'
import type { Runner } from '../../src/testing/acceptance/runner.ts'
import { scaled } from '../torture/torture.ts'
import { sqliteFixture } from './sqlite-fixture.ts'

/** Every store that reads starts a thread, which is most of a test's time: a sample has them where reading is tested. */
const aboutReading = ['entries', 'changes', 'filters', 'cancellation', 'close', 'several processes']
const hasReaders = scaled<(part: string) => boolean>({
  full: () => true,
  sample: (part) => aboutReading.includes(part),
})

let readers = 0
const fixture = sqliteFixture('sqlite with readers and a name of its own', {
  // Each store that opens asks for it.
  get readers() {
    return readers
  },
  tableName: 'order',
})

eventStoreSuite(switching(), fixture)

/** A runner under which each test has readers or none, as its part is to have. */
function switching(): Runner {
  let part = ''
  const test = (name: string, run: () => Promise<void>) => {
    const count = hasReaders(part) ? 1 : 0
    it(name, () => {
      readers = count
      return run()
    })
  }
  return {
    describe: (name, body) =>
      describe(name, () => {
        part = name
        body()
      }),
    it: Object.assign(test, {
      skip: (name: string, run: () => Promise<void>) => it.skip(name, run),
    }),
  }
}
