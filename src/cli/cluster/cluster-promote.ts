import { didYouMean } from '../../errors/did-you-mean.ts'
import { failure, misuse } from '../misuse.ts'
import { flag, repeated } from '../options/option.ts'
import { text } from '../options/readers.ts'
import { visible } from '../terminal/text-width.ts'
import { clusterCommand } from './cluster-command.ts'
import { addressTrouble } from './troubles.ts'

export const clusterPromote = clusterCommand({
  name: 'cluster promote',
  about: `Makes the server at URL the leader of all keys that it shares, or of those that are named. All others
follow it as soon as they hear of it, the former leader too, also when it comes back later: it becomes a
member, and brings what it had not passed on. The server must know its own address (rejoin serve
--advertise). Where servers are promoted that don't know of each other, the one that was last leads.`,
  options: {
    key: repeated('KEY', 'only this key, as the server shares it', text),
    json: flag('print the keys that it leads since, and who led them before, as JSON'),
  },
  examples: [
    'rejoin cluster promote http://127.0.0.1:8081',
    "rejoin cluster promote http://127.0.0.1:8081 --key 'users/*'",
  ],
  async run({ url, client, values: { key, json }, io }) {
    const { signal, out } = io
    const twice = key.find((one, at) => key.indexOf(one) < at)
    if (twice !== undefined) throw misuse(`--key "${twice}" is given twice`)
    const status = await client.status(signal)
    const { address, keys } = status
    if (address === undefined)
      throw failure(
        'invalid_argument',
        `${url} does not know its own address, so the others could not follow it: start it with rejoin serve --advertise HOST:PORT`,
      )
    const taken = addressTrouble(status)
    if (taken !== undefined) throw failure('invalid_argument', taken)
    const shared = keys.map(({ path }) => path)
    const unknown = key.find((one) => !shared.includes(one))
    if (unknown !== undefined)
      throw failure(
        'not_found',
        `${url} shares no key "${unknown}", but ${shared.join(', ')}${didYouMean(unknown, shared)}`,
      )
    const wanted = key.length === 0 ? shared : key
    const answer = await client.promote(key.length === 0 ? undefined : key, signal)
    if (answer.unreached !== undefined) await io.err.line(unreachedText(address, answer.unreached))
    if (json) {
      await out.line(JSON.stringify(answer))
      return 0
    }
    const before = new Map(answer.keys.map(({ path, previous }) => [path, previous]))
    const lines = wanted.map((path) => {
      if (!before.has(path)) return `${path}: led by ${address} already`
      const previous = before.get(path)
      return `${path}: led by ${address} now${previous === undefined ? '' : `, before by ${previous}`}`
    })
    await out.write(lines.map((line) => `${visible(line)}\n`).join(''))
    return 0
  },
})

/** Behind some gateways that is as it should be. */
function unreachedText(address: string, why: string): string {
  return visible(
    `the others follow it to ${address}, where it does not reach itself (${why}): if they don't either, correct its --advertise and promote it again`,
  )
}
