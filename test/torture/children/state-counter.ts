// Counts in a state file that others count in as well:
//
//     open                         the tree is open; waits for `go`
//     counted N                    has added one, N times in each way; waits for `stop`
//     heard TOTAL                  what the last notice of the counter said
import { openState } from '../../../src/state/index.ts'
import { SqliteStateStorage } from '../../../src/store/sqlite/index.ts'
import { given, heard, say } from './talk.ts'

export interface StateCounterSetup {
  readonly path: string
  readonly name: string
  readonly times: number
  readonly total: number
}

const { path, name, times, total } = given<StateCounterSetup>()
const storage = await SqliteStateStorage.open({ path, durability: 'normal' })
const state = await openState({ storage })
const allCounted = Promise.withResolvers<void>()
state.observe<number>('updated', ({ changes }) => {
  if (changes.at(-1)?.object?.data === total) allCounted.resolve()
})
const told = heard()[Symbol.asyncIterator]()
say('open')
await told.next()
for (let n = 0; n < times; n++) {
  await state.update<number>('updated', (held) => (held?.data ?? 0) + 1)
  await compareAndSet()
  await state.push('pushed/*', `${name} ${n}`)
  await state.patch('patched', { [`${name}${n}`]: n })
  const taken = await state.delete(`taken/${n}`, { expected: 'some' })
  if (taken.kind === 'deleted') say('took', `${n}`)
}
say('counted', `${times}`)
if ((await state.get<number>('updated'))?.data !== total) await allCounted.promise
say('heard', `${(await state.get<number>('updated'))?.data}`)
await told.next()
await state.close()
// Or what the parent might still say would keep this alive.
process.exit()

/** As somebody does who reads, thinks, and writes. */
async function compareAndSet(): Promise<void> {
  for (;;) {
    const held = await state.get<number>('compared')
    const answer = await state.set('compared', (held?.data ?? 0) + 1, { expected: held })
    if (answer.kind === 'written') return
  }
}
