import type { ClusterPair } from './cluster-pair.ts'
import type { ClusterServer } from './cluster-server.ts'

export interface Exchanged {
  sets: number
  pushes: number
  updates: number
  deletes: number
}

/** Writes of every kind to one server, in a place of their own; what is left of them stays. */
export async function writeTo(
  { writes }: ClusterPair,
  { url }: ClusterServer,
  name: string,
  counts: Exchanged,
): Promise<void> {
  const pushed: string[] = []
  for (let number = 0; number < each; number++) {
    await writes.set(url, `things/${name}${number}`, { number, exact: 1.5, text: 'ä "quoted" ✓' })
    pushed.push(await writes.push(url, { pushed: number, by: name }))
  }
  await writes.set(url, 'settings', { by: name, nested: [1, { deep: null }] })
  counts.sets += each + 1
  counts.pushes += each
}

/** Changes what `writeTo` has left under that name, wherever that was written. */
export async function changeAt(
  { writes }: ClusterPair,
  { url }: ClusterServer,
  name: string,
  counts: Exchanged,
): Promise<void> {
  for (let number = 0; number < each / 2; number++)
    await writes.set(url, `things/${name}${number}`, { number, changed: true })
  await writes.set(url, 'settings', { changed: name })
  counts.updates += each / 2 + 1
}

export async function deleteAt(
  { writes }: ClusterPair,
  { url }: ClusterServer,
  name: string,
  counts: Exchanged,
): Promise<void> {
  for (let number = each / 2; number < each; number++)
    await writes.remove(url, `things/${name}${number}`)
  await writes.remove(url, 'settings')
  counts.deletes += each / 2 + 1
}

const each = 10
