import fastJsonPatch from 'fast-json-patch'
import type { Contestant, Parameters } from '../benchmark.ts'
import { devicePath, deviceText } from '../devices.ts'
import { bareSockets } from '../floor/bare-sockets.ts'
import { changed, writes } from '../p8-broadcast.ts'
import { bareReaders } from '../subscribers.ts'
import { writesTo } from '../writes.ts'

/** Who does not know what changed compares the list that was with the list that is, and sends what it finds. */
export async function fastJsonPatchBroadcast({
  objects,
  subscribers,
}: Parameters): Promise<Contestant> {
  const server = await bareSockets()
  const readers = await bareReaders('P8', server.url, Number(subscribers))
  let list: readonly object[] = Array.from({ length: Number(objects) }, (_, device) =>
    shown(device, 0, device),
  )
  return {
    round: () =>
      writesTo(
        readers,
        async (at) => {
          const device = changed(at, objects)
          const next = list.with(device, shown(device, performance.now(), at + 1_000_000))
          const data = fastJsonPatch.compare(list as object[], next)
          list = next
          server.sendToAll(Buffer.from(JSON.stringify({ data, version: at, snapshot: false })))
        },
        writes,
      ),
    async close() {
      await readers.close()
      await server.close()
    },
  }
}

function shown(device: number, updated: number, number: number): object {
  const path = devicePath(device)
  return {
    created: device,
    updated,
    index: `d${device}`,
    path,
    data: JSON.parse(deviceText(number)),
  }
}
