import { serve } from '../../src/server/index.ts'
import { openState, stateServer } from '../../src/state/index.ts'
import { run } from './go-program.ts'
import { interopCase, useGoModule } from './interop-case.ts'

const program = useGoModule('ooo')

interopCase(
  "T3: everything in the io of ooo's Go client, and what it reads is what others read",
  async () => {
    await using tree = await openState()
    await using state = stateServer(tree)
    await using server = await serve({ mounts: {}, state, port: 0 })
    const { stdout } = await run(program.path, ['calls', '-host', `${server.host}:${server.port}`])
    return JSON.parse(stdout)
  },
  program,
)
