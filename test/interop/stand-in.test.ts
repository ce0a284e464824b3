// What the stand-in says on the wire, against the recorded facts about the Go library.
import { expect } from 'vitest'
import { GoProcess } from './go-process.ts'
import { goFolder, run, useGoProgram } from './go-program.ts'
import { interopCase } from './interop-case.ts'
import { answersAsRecorded, answersOfV016, asksAsRecorded } from './recorded.ts'

const program = useGoProgram()

interopCase('the Go program is formatted and vetted', async () => {
  const unformatted = await run('gofmt', ['-l', '.'], { cwd: goFolder })
  expect(unformatted.stdout).toBe('')
  await run('go', ['vet', './...'], { cwd: goFolder })
  return { checks: 2 }
})

interopCase('the Go client sends what was recorded, header by header', () =>
  asksAsRecorded(program()),
)

interopCase('the Go server of v0.16 answers what was recorded', async () =>
  answersAsRecorded(await GoProcess.server(program(), 'v0.16'), answersOfV016),
)

interopCase('the Go server of v0.22 answers what was recorded', async () =>
  answersAsRecorded(await GoProcess.server(program(), 'v0.22'), [
    ['GET /pull?since=1.0', 400, /^\{"error":\{"code":"INVALID_CURSOR","message":".*","op":"/],
    ['GET /pull?limit=1001', 400, /"code":"INVALID_CURSOR"/],
    ['POST /pull', 400, /"code":"INVALID_REQUEST"/],
  ]),
)

interopCase('Go to Go: 1,000 events through a server of v0.16', async () => {
  await using server = await GoProcess.server(program(), 'v0.16')
  await using writer = await GoProcess.client(program(), server.url)
  await using reader = await GoProcess.client(program(), server.url)
  await writer.ask('write 1000 a')
  expect(await writer.ask('push 100')).toBe(1_000)
  expect(await reader.ask('pull')).toBe(1_000)
  expect(await reader.events()).toEqual(await writer.events())
  return { pushed: 1_000, pulled: 1_000 }
})

interopCase('Go to Go: a server of v0.22 hands out the first 100 of 1,000 events', async () => {
  await using server = await GoProcess.server(program(), 'v0.22')
  await using reader = await GoProcess.client(program(), server.url)
  await server.ask('write 1000 a')
  expect(await reader.ask('pull')).toBe(100)
  expect(await reader.events()).toEqual((await server.events()).slice(0, 100))
  return { pulled: 100 }
})
