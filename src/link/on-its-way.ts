import type { Runtime } from '../runtime/index.ts'

/**
 * Resolves when a request that was just made has left this process, as far as that can be known: `fetch`
 * writes nothing before the second turn of the event loop. A store that works on this thread would
 * otherwise keep the request here, and the remote idle, until it is done: waiting took a third off the
 * time of a catch-up and a sixth off that of a push, where both ends have a core.
 */
export async function onItsWay(runtime: Pick<Runtime, 'soon'>): Promise<void> {
  for (let turn = 0; turn < turns; turn++)
    await new Promise<void>((resolve) => runtime.soon(resolve))
}

const turns = 3
