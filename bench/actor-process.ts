// A process that plays one part, see actor.ts.
import type { Actor, Order, Report } from './actor.ts'
import { benchmarks } from './benchmarks.ts'

let actor: Actor | undefined

process.on('message', (order: Order) => {
  void obey(order)
    .then((result): Report => ({ result, peakBytes: process.resourceUsage().maxRSS * 1024 }))
    .catch((error: unknown): Report => ({ failure: textOf(error) }))
    .then((report) => process.send?.(report))
})
// The parent is gone: so is the reason to work.
process.on('disconnect', () => process.exit())

async function obey(order: Order): Promise<unknown> {
  if ('call' in order) {
    // What the last call left behind is not this one's burden.
    globalThis.gc?.()
    return (actor as unknown as Record<string, () => Promise<unknown>>)[order.call]?.()
  }
  const { benchmark: id, kind, name, parameters } = order.begin
  const begin = benchmarks.find((one) => one.id === id)?.[kind]?.[name]
  if (begin === undefined) throw new Error(`${id} has no "${name}" among its ${kind}`)
  actor = await begin(parameters)
  return undefined
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
