import fastify from 'fastify'
import type { Parameters } from '../benchmark.ts'
import { devicePath, deviceText } from '../devices.ts'
import type { StateHub } from '../p7-state.ts'

/** fastify in front of a Map, as its guide has it: bodies are parsed, answers are written by its serialiser. */
export async function fastifyState({ devices }: Parameters): Promise<StateHub> {
  const held = new Map<string, object>()
  for (let device = 0; device < Number(devices); device++) {
    const path = devicePath(device)
    held.set(path, { created: device, updated: 0, path, data: JSON.parse(deviceText(device)) })
  }
  const app = fastify()
  app.get<{ Params: Path }>('/*', async ({ params }) => held.get(params['*']))
  app.post<{ Params: Path }>('/*', async ({ params, body }) => {
    const path = params['*']
    held.set(path, { created: Date.now(), updated: Date.now(), path, data: body })
    return { index: path }
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { open: async () => url, settings: async () => ({}), close: () => app.close() }
}

interface Path {
  readonly '*': string
}
