import type { ProjectionSink } from '../contracts/index.ts'
import type { DeadLetter } from './failure.ts'
import { parseHead, spaceOf, withBuild } from './head.ts'

/** A name in a sink is that of a projection, or of something else: `subscription:mails`. */
export function isProjectionName(id: string): boolean {
  return form.exec(id)?.[1] === undefined
}

/** What is set aside under a name of a sink, for those who haven't the folds and handlers at hand. */
export interface KeptLetters {
  readonly kind: 'projection' | 'subscription'
  readonly name: string
  readonly letters: AsyncIterable<DeadLetter>
}

/** `undefined` for a name under which nothing can be set aside. */
export function keptLetters(
  sink: ProjectionSink,
  id: string,
  signal?: AbortSignal,
): KeptLetters | undefined {
  const [, kind = 'projection', name = ''] = form.exec(id) ?? []
  if (kind === 'projection') return { kind, name, letters: ofProjection(sink, name, signal) }
  if (kind !== 'subscription') return undefined
  const letters = pages(sink, id, spaceOf(subscriptionBuild, 'dead'), signal, (value) => {
    const { letter } = JSON.parse(value) as { readonly letter: DeadLetter }
    return letter
  })
  return { kind, name, letters }
}

/**
 * Makes whoever runs this projection fold everything anew, what was set aside, too; the result there is stays
 * readable until then. `false`: it has none yet.
 */
export async function beginAnew(
  sink: ProjectionSink,
  name: string,
  signal?: AbortSignal,
): Promise<boolean> {
  for (;;) {
    const expects = await sink.head(name, signal)
    const head = parseHead(expects)
    const { serving, building } = head
    if (serving === undefined) return false
    if (building !== undefined) return true
    const next = JSON.stringify(withBuild(head, serving.version, serving.rules))
    if (await sink.commit({ name, expects, head: next, writes: [] }, signal)) return true
  }
}

async function* ofProjection(
  sink: ProjectionSink,
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<DeadLetter> {
  const { serving } = parseHead(await sink.head(name, signal))
  if (serving === undefined) return
  const read = (value: string) => JSON.parse(value) as DeadLetter
  yield* pages(sink, name, spaceOf(serving.id, 'dead'), signal, read)
}

async function* pages(
  sink: ProjectionSink,
  name: string,
  space: string,
  signal: AbortSignal | undefined,
  read: (value: string) => DeadLetter,
): AsyncGenerator<DeadLetter> {
  for (let after: string | undefined; ; ) {
    const range = { limit: 500, ...(after !== undefined && { after }) }
    const entries = await sink.list(name, space, range, signal)
    for (const { value } of entries) yield read(value)
    after = entries.at(-1)?.key
    if (after === undefined) return
  }
}

/** Subscriptions have one build for ever. */
const subscriptionBuild = 0
/** `subscription:mails`; a projection is called by its name alone. */
const form = /^(?:(\w+):)?(.*)$/
