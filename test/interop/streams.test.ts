import { GoProcess } from './go-process.ts'
import { useGoProgram } from './go-program.ts'
import { followsOurs, isFollowed } from './go-streams.ts'
import { interopCase } from './interop-case.ts'

const program = useGoProgram()

interopCase('a Go client follows our live stream, also past a restart of our server', () =>
  followsOurs(program()),
)

interopCase('our client follows the live stream of a Go server', async () =>
  isFollowed(await GoProcess.server(program(), 'v0.16')),
)
