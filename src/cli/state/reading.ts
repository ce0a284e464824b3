import { flag } from '../options/option.ts'
import { objectLine } from './object-line.ts'
import { stateCommand } from './state-command.ts'

export const get = stateCommand({
  name: 'get',
  about: `Prints the data at PATH as JSON, digit for digit; with --json the whole object, with its times.
Exits 1 when nothing stands there.`,
  words: ['PATH'],
  options: { json: flag('the whole object: created, updated, index, path, data') },
  examples: [
    'rejoin get http://127.0.0.1:8080 settings | jq .theme',
    'rejoin get https://example.org users/42 --json',
  ],
  async run({ client, words: [path = ''], values: { json }, io }) {
    const object = await client.get(path, io.signal)
    if (object === undefined) {
      await io.err.line(`nothing stands at ${path}`)
      return 1
    }
    await io.out.line(json ? object.text : object.dataText)
    return 0
  },
})

export const list = stateCommand({
  name: 'list',
  about: `Prints the objects that match PATTERN, such as "users/*", one a line: path and data; newest first.
Quote the pattern, or the shell may take it for files.`,
  words: ['PATTERN'],
  options: {
    oldest: flag('oldest first'),
    json: flag('whole objects, one a line'),
  },
  examples: [
    "rejoin list http://127.0.0.1:8080 'users/*'",
    "rejoin list http://127.0.0.1:8080 'users/*' --json | jq .updated",
  ],
  async run({ client, words: [pattern = ''], values: { oldest, json }, io }) {
    const order = oldest ? 'oldest' : 'newest'
    const objects = await client.list(pattern, { order, signal: io.signal })
    await io.out.write(objects.map((object) => `${objectLine(object, json)}\n`).join(''))
    return 0
  },
})
