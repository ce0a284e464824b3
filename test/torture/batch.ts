import type { NewEvent } from '../../src/event/index.ts'
import type { BatchPlace } from './audit.ts'

/** The events of one append, as a function of its name and size: whoever reads them can check them. */
export function batchOf(batch: string, size: number): readonly NewEvent[] {
  const givesIds = batch.length % 2 === 0
  return Array.from({ length: size }, (_, index) => {
    const metadata: BatchPlace = { batch, size, index }
    return {
      ...(givesIds ? { id: `${batch}/${index}` } : {}),
      type: `counted-${index % 3}`,
      aggregateId: `shared-${(size + index) % 7}`,
      data: { batch, index, pad: 'x'.repeat((index * 37) % 300) },
      metadata: { ...metadata },
    }
  })
}
