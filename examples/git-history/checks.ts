import type { Programs } from './programs.ts'
import type { Acknowledgement } from './recording-proxy.ts'
import { contentOf } from './same-logs.ts'
import { count, type Story } from './story.ts'

/** Everything that was acknowledged is in the hub's log. */
export async function checkNothingLost(
  acknowledgements: readonly Acknowledgement[],
  store: string,
  programs: Programs,
  story: Story,
): Promise<void> {
  const acknowledged = acknowledgements.flatMap(({ ids }) => ids)
  const { ids } = await contentOf(store, programs)
  const lost = acknowledged.filter((id) => !ids.has(id)).length
  const events = count(acknowledged.length, 'acknowledged event')
  story.check(lost === 0, `of ${events} it has lost ${lost || 'none'}`)
}

/** The hub died between the first acknowledgement and the last. */
export function checkKill(before: number, total: number, wanted: number, story: Story): void {
  const pushes = count(total, 'push', 'pushes')
  story.check(total >= wanted, `${pushes} acknowledged, at least ${wanted} were wanted`)
  story.check(
    before > 0 && before < total,
    `the kill landed between the first and the last: ${before} before it, ${total - before} after it`,
  )
}

/** All stores hold the same events, and at least as many as wanted. */
export async function checkSame(
  stores: readonly string[],
  wanted: number,
  programs: Programs,
  story: Story,
): Promise<void> {
  const contents = await Promise.all(stores.map((store) => contentOf(store, programs)))
  const { events = 0, digest } = contents[0] ?? {}
  const same = contents.every((content) => content.digest === digest)
  story.check(
    events >= wanted,
    `${count(events, 'event')}, at least ${count(wanted, 'event')} wanted`,
  )
  story.check(same, 'laptop, phone and hub hold the same, byte for byte')
  if (same) story.more(`sha256 ${digest}`)
}
