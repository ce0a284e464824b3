// One side of a case, in a process of its own: told by `remote-contestant.ts` what it is, then to do its work
// once whenever its turn comes.
import type { Benchmark, Contestant, Parameters, Sample } from './benchmark.ts'

/** What the parent says. */
export type Order =
  | {
      readonly kind: 'prepare'
      readonly module: string
      readonly side: string
      readonly parameters: Parameters
    }
  | { readonly kind: 'round' }
  | { readonly kind: 'close' }

/** What comes back. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'sample'; readonly sample: Sample; readonly peakBytes: number }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly error: string }

let contestant: Contestant | undefined

process.on('message', (order: Order) => {
  void obey(order)
    .catch((error: unknown): Report => ({ kind: 'failed', error: textOf(error) }))
    .then((report) => process.send?.(report))
})
// The parent is gone: so is the reason to work.
process.on('disconnect', () => process.exit())

async function obey(order: Order): Promise<Report> {
  switch (order.kind) {
    case 'prepare': {
      const { benchmark } = (await import(order.module)) as { benchmark: Benchmark }
      const side = benchmark.sides[order.side]
      if (side === undefined) throw new Error(`${benchmark.id} has no side "${order.side}"`)
      contestant = await side(order.parameters)
      return { kind: 'ready' }
    }
    case 'round': {
      // What the last round left behind is not this one's burden.
      globalThis.gc?.()
      const sample = await (contestant as Contestant).round()
      return { kind: 'sample', sample, peakBytes: process.resourceUsage().maxRSS * 1024 }
    }
    case 'close':
      await contestant?.close()
      return { kind: 'closed' }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
