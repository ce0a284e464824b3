import type { Runtime } from '../../../runtime/index.ts'

/** Lets others get in, in the middle of long work. */
export function pause(runtime: Pick<Runtime, 'soon'>): Promise<void> {
  return new Promise((resolve) => runtime.soon(resolve))
}
