import type { StateClient, StateObject, SubscribeOptions } from '../../client/index.ts'
import type { CommandIo } from '../command-io.ts'
import { flag } from '../options/option.ts'
import { errorLine } from '../terminal/error-line.ts'
import { goneLine, objectLine } from './object-line.ts'
import { stateCommand } from './state-command.ts'

export const watch = stateCommand({
  name: 'watch',
  about: `Prints what there is, and then what changes, one object a line, until interrupted. It stays
through outages, which it tells on stderr, and prints what it missed. Who changes faster than this
prints is seen as of now.`,
  words: ['PATH'],
  options: { json: flag('whole objects; of what is deleted its path and "deleted"') },
  examples: [
    'rejoin watch http://127.0.0.1:8080 settings',
    "rejoin watch http://127.0.0.1:8080 'devices/*' --json",
  ],
  async run({ client, words: [path = ''], values: { json }, io }) {
    let shown = new Map<string, StateObject>()
    for await (const objects of valuesAt(client, path, io)) {
      const now = new Map(objects.map((object) => [object.path, object]))
      const lines = [...shown.keys()]
        .filter((each) => !now.has(each))
        .map((each) => goneLine(each, json))
      // A list is newest first; what came last is printed last.
      for (const object of objects.toReversed())
        if (shown.get(object.path)?.text !== object.text) lines.push(objectLine(object, json))
      shown = now
      await io.out.write(lines.map((line) => `${line}\n`).join(''))
      // Whoever read us has enough (`| head`).
      if (io.out.gone) return 0
    }
    io.signal.throwIfAborted()
    return 0
  },
})

async function* valuesAt(
  client: StateClient,
  path: string,
  { err, signal }: CommandIo,
): AsyncGenerator<readonly StateObject[], void> {
  const options: SubscribeOptions = {
    signal,
    onConnectivity(now, trouble) {
      if (now === 'waiting') void err.line(`${errorLine(trouble)}; trying again`)
    },
  }
  if (path.includes('*')) return yield* client.subscribeList(path, undefined, options)
  for await (const object of client.subscribe(path, undefined, options))
    yield object === undefined ? [] : [object]
}
