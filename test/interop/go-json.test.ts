import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect } from 'vitest'
import { defaultEventLimits } from '../../src/event/index.ts'
import { characters } from '../../src/json/fixtures/characters.ts'
import { goJson } from '../../src/json/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { readCompatEvents } from '../../src/transport/http/compat/wire-event.ts'
import { useGoProgram } from './go-program.ts'
import { interopCase } from './interop-case.ts'

const program = useGoProgram()

interopCase('JSON passes through Go as goJson says', async () => {
  const texts = fc.sample(jsonTexts(), 5_000)
  const answers = goOf(texts)
  texts.forEach((text, at) => {
    expect([text, goJson(text) ?? null]).toEqual([text, answers[at]?.passed])
  })
  return { texts: texts.length }
})

interopCase('the body of a push is read as Go reads it', async () => {
  const bodies = fc.sample(pushBodies(), 5_000)
  const answers = goOf(bodies)
  let read = 0
  bodies.forEach((body, at) => {
    // A nil slice is written as null.
    const theirs = answers[at]?.body ?? []
    const ours = oursOf(body)
    // What we refuse and Go takes is our own rule: an event needs names, and none may hold control characters.
    if (ours === 'refused') return
    expect([body, ours]).toEqual([body, theirs])
    read++
  })
  const taken = answers.filter(({ body }) => body !== 'refused').length
  expect(read).toBeGreaterThan(taken / 4)
  return { bodies: bodies.length, read }
})

interface GoAnswer {
  readonly passed: string | null
  readonly body: readonly unknown[] | 'refused' | null
}

function goOf(texts: readonly string[]): readonly GoAnswer[] {
  const input = texts.map((text) => `${JSON.stringify(text)}\n`).join('')
  const { stdout, stderr } = spawnSync(program(), ['json'], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  expect(stderr).toBe('')
  const answers = stdout.trimEnd().split('\n')
  expect(answers).toHaveLength(texts.length)
  return answers.map((line) => JSON.parse(line))
}

/** In the form in which Go tells what it has read. */
function oursOf(body: string): readonly unknown[] | 'refused' {
  const reading = { limits: defaultEventLimits, runtime: systemRuntime }
  try {
    const entries = readCompatEvents(body, reading)
    if (entries.some((entry) => 'problem' in entry)) return 'refused'
    return entries.map((entry) => {
      if ('problem' in entry) throw new Error(entry.problem)
      const { id, type, aggregateId, dataText, metadataText } = entry.event
      const metadata = metadataText === '' ? null : JSON.parse(metadataText)
      const event = { id, type, aggregate_id: aggregateId, data: JSON.parse(dataText), metadata }
      return { event, version: entry.version }
    })
  } catch {
    return 'refused'
  }
}

function jsonTexts(): fc.Arbitrary<string> {
  const value = fc.jsonValue({ maxDepth: 4, stringUnit: characters() })
  const plain = value.map((any) => JSON.stringify(any))
  return fc.oneof(plain, numbers(), escapes(), objects(), fc.array(objects()).map(listOf))
}

function numbers(): fc.Arbitrary<string> {
  const exponent = fc.integer({ min: -330, max: 330 })
  return fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.bigInt(-(10n ** 25n), 10n ** 25n).map(String),
    fc.tuple(fc.integer(), fc.nat(999_999), exponent).map(([a, b, e]) => `${a}.${b}e${e}`),
  )
}

/** Any UTF-16 at all, lone surrogates included. */
function escapes(): fc.Arbitrary<string> {
  const unit = fc.integer({ min: 0, max: 0xffff })
  return fc.array(unit, { maxLength: 6 }).map((units) => {
    const text = units.map((code) => `\\u${code.toString(16).padStart(4, '0')}`).join('')
    return `"${text}"`
  })
}

/** With keys that come twice, and white space. */
function objects(): fc.Arbitrary<string> {
  const key = fc.oneof(fc.constantFrom('"a"', '"b"', '"10"', '"2"', '"__proto__"'), escapes())
  return fc
    .array(fc.tuple(key, fc.oneof(numbers(), escapes())), { maxLength: 6 })
    .map((members) => `{ ${members.map(([name, value]) => `${name} : ${value}`).join(' , ')} }`)
}

function pushBodies(): fc.Arbitrary<string> {
  const text = fc.constantFrom('"e1"', '"T"', '"a b"', '"\\u00e9"', 'null', '7', '{}', '""')
  const name = fc.constantFrom('"e1"', '"T"', '"a b"', '"\\u00e9"')
  const field = (key: string, value: fc.Arbitrary<string>) =>
    value.map((json) => `"${key}" : ${json}`)
  const event = fc
    .tuple(
      fc.constantFrom('id', 'ID', 'Id'),
      fc.constantFrom('type', 'Type'),
      fc.constantFrom('aggregate_id', 'Aggregate_ID', 'AGGREGATE_ID'),
      name,
      fc.array(
        fc.oneof(
          field('data', fc.oneof(fc.constantFrom('null', '[1,{}]', '"x"', '1.50'), text)),
          field('DATA', fc.constantFrom('null', '{"b":1,"a":[]}')),
          field('metadata', fc.constantFrom('null', '{"k":"v"}')),
          field('i\\u0064', text),
          field('ty\\u00e9', text),
          field('other', text),
        ),
        { maxLength: 4 },
      ),
    )
    .map(([id, type, aggregate, value, more]) => {
      const names = [id, type, aggregate].map((key) => `"${key}":${value}`)
      return `{${[...names, ...more].join(',')}}`
    })
  const version = fc.constantFrom('"1"', '""', 'null', '"v7"', '7')
  const entry = fc
    .tuple(
      fc.constantFrom('event', 'Event'),
      event,
      fc.constantFrom('version', 'ver\u017fion'),
      version,
    )
    .map(([key, value, versionKey, number]) => `{"${key}":${value}, "${versionKey}":${number}}`)
  const tail = fc.constantFrom('', ' ', '\n', ' trailing', ']', '{', ',')
  const list = fc.array(entry, { maxLength: 3 }).map(listOf)
  const lists = fc.tuple(list, tail).map(([events, rest]) => events + rest)
  return fc.oneof(
    { weight: 9, arbitrary: lists },
    fc.constantFrom('null', ' null\n', '7', '{}', ''),
  )
}

function listOf(texts: readonly string[]): string {
  return `[${texts.join(',')}]`
}
