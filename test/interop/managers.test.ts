import { expect } from 'vitest'
import { GoProcess } from './go-process.ts'
import { useGoProgram } from './go-program.ts'
import { interopCase } from './interop-case.ts'
import { plays } from './managers.ts'
import { ourServer } from './our-server.ts'
import { perform } from './play.ts'

const program = useGoProgram()

interopCase('SyncManagers and a Go server end as the table says', async () => {
  // A Go server has no other answer for an empty log.
  const possible = plays.filter(({ whenEmpty }) => whenEmpty === '0')
  for (const play of possible) {
    await using server = await GoProcess.server(program(), 'v0.16')
    await perform(program(), server, play)
  }
  expect(possible.length).toBeGreaterThan(5)
  return { plays: possible.length }
})

interopCase('SyncManagers and our server end as the table says', async () => {
  for (const play of plays) {
    await using server = await ourServer(play.whenEmpty)
    await perform(program(), server, play)
  }
  return { plays: plays.length }
})
