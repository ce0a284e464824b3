import { flag } from '../options/option.ts'
import { clusterCommand } from './cluster-command.ts'
import { statusText } from './status-text.ts'
import { troublesOf } from './troubles.ts'
import { watchStatus } from './watch-status.ts'

export const clusterStatus = clusterCommand({
  name: 'cluster status',
  about: `Asks the server at URL for its part in its cluster. For each key: its role, who leads, since when
(configured, or when somebody decided it), writes here that the leader has not confirmed, as of when it
is level with the leader, and whether comparing both has shown that they hold the same. For each other
server: whether it is there, when that was looked at, how far it lags behind its leaders, by how much its
clock leads, and what the links to it do, or what keeps them from it. A former leader that is away and
that nobody lists any more is retired: it is still looked for, and no trouble.

Exits 0 when all is well, and 1 when something is not: the disk of this one is full, a server is away or
speaks another protocol, a clock is off, a key can't be shared or differs, a link is blocked, another
server has the same address.
Writes that wait are no trouble by themselves. With --watch it goes on until Ctrl-C, and exits as the last
status says.`,
  options: {
    watch: flag('show it anew every two seconds; where there is no terminal, when it changes'),
    json: flag('print it as JSON; terms are nanoseconds since 1970, 0: configured'),
  },
  examples: [
    'rejoin cluster status http://127.0.0.1:8080',
    'rejoin cluster status https://hub.example --watch',
    'rejoin cluster status http://127.0.0.1:8080 --json | jq .keys',
  ],
  async run({ client, values: { watch, json }, io }) {
    if (watch) return watchStatus(client, { json }, io)
    const status = await client.status(io.signal)
    if (json) await io.out.line(JSON.stringify(status))
    else await io.out.write(statusText(status, io.out))
    return troublesOf(status).length === 0 ? 0 : 1
  },
})
