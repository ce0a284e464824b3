import { serve } from '../src/server/index.ts'
import { openState, type StateTree, stateServer } from '../src/state/index.ts'
import type { Benchmark, Contestant, Parameters } from './benchmark.ts'
import { devicePath, deviceText } from './devices.ts'
import { bareSockets } from './floor/bare-sockets.ts'
import { fastJsonPatchBroadcast } from './peers/fast-json-patch.ts'
import { oooBroadcast } from './peers/ooo.ts'
import { socketReaders } from './socket-readers.ts'
import { bareReaders, listReaders, silence } from './subscribers.ts'
import { inBatches } from './workload.ts'
import { writesTo } from './writes.ts'

/** One object of a list changes, until the last of those who follow the list in another process has the patch. */
export const broadcast: Benchmark = {
  id: 'P8',
  title: 'patches of lists',
  cases(scale) {
    const subscribers = Math.ceil(100 * scale)
    const [few, many] = [Math.ceil(100 * scale), Math.ceil(10_000 * scale)]
    const [small, large] = [few, many].map((objects) => ({ objects, subscribers }))
    const work = `one change in a list of ${many.toLocaleString('en')} to ${subscribers} WebSocket subscribers, to the last one`
    const ours = { side: 'ours', parameters: large as Parameters }
    return [
      {
        name: `list of ${many.toLocaleString('en')}`,
        work,
        ours,
        floor: {
          side: 'floor',
          label: 'a patch from the known index, one buffer',
          parameters: large as Parameters,
        },
        aim: { of: 'time' },
        peers: [
          {
            label: 'fast-json-patch over bare ws',
            side: 'fastJsonPatchBroadcast',
            parameters: large as Parameters,
          },
          {
            label: 'ooo (Go)',
            side: 'oooBroadcast',
            parameters: large as Parameters,
            needs: 'ooo',
          },
        ],
      },
      {
        name: `list of ${many.toLocaleString('en')} against ${few.toLocaleString('en')}`,
        work: `${work}; beside a list of ${few.toLocaleString('en')}`,
        ours,
        floor: { side: 'ours', label: `ours, ${few}`, parameters: small as Parameters },
        aim: { of: 'time', value: 1.1 },
      },
    ]
  },
  sides: { ours, floor, fastJsonPatchBroadcast, oooBroadcast },
  servers: { readers: socketReaders },
}

async function ours({ objects, subscribers }: Parameters): Promise<Contestant> {
  const tree = await openState()
  await fill(tree, Number(objects))
  // All of them get the whole list at once when they come.
  const state = stateServer(tree, { silence, ping: silence, allUnsentBytes: 2 ** 32 })
  const server = await serve({ mounts: {}, state, port: 0 })
  const readers = await listReaders('P8', `${server.url}/devices/*`, Number(subscribers))
  return {
    round: () =>
      writesTo(
        readers,
        async (at) => {
          await tree.set(devicePath(changed(at, objects)), JSON.parse(deviceText(at + 1_000_000)))
        },
        writes,
      ),
    async close() {
      await readers.close()
      await server.close()
      await state.close()
      await tree.close()
    },
  }
}

async function fill(tree: StateTree, objects: number): Promise<void> {
  const all = Array.from({ length: objects }, (_, device) => ({
    set: devicePath(device),
    data: JSON.parse(deviceText(device)) as unknown,
  }))
  for (const writes of inBatches(all, 1_000)) await tree.write(writes)
}

/** Where the object stands is known, and so is what of it is new. */
async function floor({ objects, subscribers }: Parameters): Promise<Contestant> {
  const server = await bareSockets()
  const readers = await bareReaders('P8', server.url, Number(subscribers))
  let time = BigInt(Date.now()) * 1_000_000n
  return {
    round: () =>
      writesTo(
        readers,
        async (at) => {
          const index = Number(objects) - 1 - changed(at, objects)
          const data = JSON.parse(deviceText(at + 1_000_000)) as Readonly<Record<string, unknown>>
          const operations = ['number', 'on', 'level'].map((name) =>
            replaced(`/${index}/data/${name}`, JSON.stringify(data[name])),
          )
          const patch = [replaced(`/${index}/updated`, String(++time)), ...operations].join(',')
          const version = time.toString(16)
          server.sendToAll(
            Buffer.from(`{"data":[${patch}],"version":"${version}","snapshot":false}`),
          )
        },
        writes,
      ),
    async close() {
      await readers.close()
      await server.close()
    },
  }
}

function replaced(pointer: string, value: string): string {
  return `{"op":"replace","path":"${pointer}","value":${value}}`
}

/** Another object each time, from all over the list. */
export function changed(at: number, objects: unknown): number {
  return (at * 7_919) % Number(objects)
}

/** In a round: enough to last for a while. */
export const writes = 500
