import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import { connectState, type StateObject } from '../../src/client/index.ts'
import { interopCase, useGoModule } from './interop-case.ts'

const program = useGoModule('ooo', './server')

interopCase(
  'ooo: our client writes to a server of its own and follows it',
  async () => {
    await using server = await oooServer()
    await using client = connectState(server.url)
    const list = client.subscribeList('things/*', () => {})
    const one = client.subscribe('things/w0-0', () => {})
    await expect.poll(() => [list.connectivity, one.connectivity]).toEqual(['live', 'live'])
    const counts = { sets: 0, patches: 0, pushes: 0, deletes: 0, objects: 0 }
    const write = async (writer: number) => {
      for (let at = 0; at < 40; at++) {
        const path = `things/w${writer}-${at % 3}`
        const data = { n: 2n ** 60n + BigInt(at), text: 'ü'.repeat(at) }
        await client.set(path, data)
        counts.sets++
        await client.patch(path, { n: 2n ** 62n + BigInt(at) })
        counts.patches++
        if (at % 4 === 0) {
          await client.push('things/*', data)
          counts.pushes++
        }
        if (at % 10 === 5) {
          await client.delete(path)
          counts.deletes++
        }
      }
    }
    await Promise.all([write(0), write(1), write(2)])
    // What it tells of a list is in another order than GET.
    const got = shown(await client.list('things/*'))
    await expect.poll(() => shown(list.value ?? [])).toBe(got)
    const single = await client.get('things/w0-0')
    await expect.poll(() => one.value?.text).toBe(single?.text)
    counts.objects = list.value?.length ?? 0
    expect(counts.objects).toBe(counts.pushes + 9)
    return counts
  },
  program,
)

function shown(list: readonly StateObject[]): string {
  return list
    .map(({ text }) => text)
    .toSorted()
    .join('\n')
}

async function oooServer() {
  const child = spawn(program.path, { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(child, 'close')
  const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next()
  return {
    url: String(value),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
