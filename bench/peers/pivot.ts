import type { Contestant, Parameters, Sample } from '../benchmark.ts'
import { devicePath, deviceText } from '../devices.ts'
import { PivotCluster } from './pivot-cluster.ts'

/** Each write on the leader, until a read on the node shows it. */
export async function pivotMember({ program, keys, writes }: Parameters): Promise<Contestant> {
  const cluster = await PivotCluster.open(String(program), Number(keys))
  await cluster.announce()
  const { leader, node, settings } = cluster
  let salt = 0
  return {
    async round(): Promise<Sample> {
      salt += 1_000_000
      const begin = performance.now()
      for (let number = 0; number < Number(writes); number++) {
        const path = devicePath((number * 7_919) % Number(keys))
        const text = deviceText(number + salt)
        await leader.post(path, text)
        while (!(await node.get(path)).includes(text))
          await new Promise((resolve) => setTimeout(resolve, 1))
      }
      return { events: Number(writes), milliseconds: performance.now() - begin, settings }
    },
    close: () => cluster.close(),
  }
}

/** What the leader has changed and nobody was told, until the node has it. */
export async function pivotPull({ program, keys, changes }: Parameters): Promise<Contestant> {
  const cluster = await PivotCluster.open(String(program), Number(keys))
  const { settings } = cluster
  let salt = 0
  return {
    async round(): Promise<Sample> {
      salt += 1_000_000
      await cluster.change(Number(changes), salt)
      const begin = performance.now()
      await cluster.pull()
      return { events: Number(changes), milliseconds: performance.now() - begin, settings }
    },
    close: () => cluster.close(),
  }
}
