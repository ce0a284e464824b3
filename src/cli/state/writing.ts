import type { CommandIo } from '../command-io.ts'
import { defaulted, flag, oneOf } from '../options/option.ts'
import { dataIn } from './data-in.ts'
import { stateCommand } from './state-command.ts'

const options = { json: flag('say what came of it as JSON') }
const aboutData = 'DATA is JSON; without it, or with -, it is read from standard input.'

export const set = stateCommand({
  name: 'set',
  about: `Puts DATA in place of what stands at PATH, and prints the path.
${aboutData}`,
  words: ['PATH'],
  optionalWords: ['DATA'],
  options,
  examples: [
    `rejoin set http://127.0.0.1:8080 settings '{"theme":"dark"}'`,
    'rejoin set http://127.0.0.1:8080 settings < settings.json',
  ],
  async run({ client, words: [path = '', word], values: { json }, io }) {
    const { signal } = io
    return told(await client.set(path, await dataIn(word, io), { signal }), path, json, io)
  },
})

export const push = stateCommand({
  name: 'push',
  about: `Puts DATA at a new path in LIST, such as "log/*", and prints the path.
${aboutData}`,
  words: ['LIST'],
  optionalWords: ['DATA'],
  options,
  examples: [`rejoin push http://127.0.0.1:8080 'log/*' '{"text":"started"}'`],
  async run({ client, words: [list = '', word], values: { json }, io }) {
    const { signal } = io
    return told(await client.push(list, await dataIn(word, io), { signal }), list, json, io)
  },
})

export const patch = stateCommand({
  name: 'patch',
  about: `Puts DATA on what stands at PATH.
${aboutData}
Exits 1 when nothing stands there.`,
  words: ['PATH'],
  optionalWords: ['DATA'],
  options: {
    form: defaulted(
      'FORM',
      'merge, merge-patch (RFC 7396) or json-patch (RFC 6902)',
      'merge',
      oneOf('merge', 'merge-patch', 'json-patch'),
    ),
    ...options,
  },
  examples: [
    `rejoin patch http://127.0.0.1:8080 settings '{"volume":4}'`,
    `rejoin patch http://127.0.0.1:8080 settings '{"theme":null}' --form merge-patch`,
  ],
  async run({ client, words: [path = '', word], values: { json, form }, io }) {
    const { signal } = io
    const data = await dataIn(word, io)
    return told(await client.patch(path, data, { form, signal }), path, json, io)
  },
})

export const del = stateCommand({
  name: 'del',
  about: `Deletes the object at PATH, or all that match a pattern such as "log/*".
Exits 1 when nothing stands at the path.`,
  words: ['PATH'],
  options,
  examples: [
    'rejoin del http://127.0.0.1:8080 users/42',
    "rejoin del http://127.0.0.1:8080 'log/*'",
  ],
  async run({ client, words: [path = ''], values: { json }, io }) {
    return told(await client.delete(path, { signal: io.signal }), path, json, io)
  },
})

/** Says what came of a write; answers with the exit code. */
async function told(
  outcome: { readonly kind: string; readonly path?: string },
  given: string,
  asJson: boolean,
  { out, err }: CommandIo,
): Promise<number> {
  const { kind, path = given } = outcome
  const problem = problems[kind]?.(path)
  if (asJson) await out.line(JSON.stringify({ kind, path }))
  else if (problem === undefined) await out.line(path)
  if (problem !== undefined) await err.line(problem)
  return problem === undefined ? 0 : 1
}

const problems: Readonly<Record<string, (path: string) => string>> = {
  absent: (path) => `nothing stands at ${path}`,
  kept: (path) => `the policy of ${path} keeps what stands there`,
}
