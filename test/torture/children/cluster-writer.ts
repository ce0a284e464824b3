// Writes to servers of a cluster by REST, to each as it likes, and tells what it was promised:
//
//     sending {id,kind,path,body,at}       under way since then, milliseconds since 1970
//     answered {id,at,index}               ... and acknowledged
//     refused ID                           ... there was nothing to change
//     lost ID                              ... nobody answered: it may have happened
//     seen {path,text}                     what stood there when that server was asked right after
//     "insist SERVER COUNT"            -> insisted COUNT        so many new objects are acknowledged by that one
//     "ask NUMBER SERVER METHOD PATH [BODY]"  -> told NUMBER STATUS BODY
//     "finish"                         -> finished              no more is written
//
// The id of a write is in what it writes: `last`, and in a whole object also `made`.
import { type Random, seededRandom } from '../../../src/testing/simulator/random.ts'
import type { Attempt, WriteKind } from '../cluster-ledger.ts'
import { given, heard, say } from './talk.ts'

export interface ClusterWriterOptions {
  readonly name: string
  /** Host and port of each that it writes to. */
  readonly servers: readonly string[]
  readonly token: string
  readonly callers: number
  /** Milliseconds from one write of a caller to its next, on average. */
  readonly pace: number
  readonly seed: string
}

const { name, servers, token, callers, pace, seed } = given<ClusterWriterOptions>()
const methods = { set: 'POST', push: 'POST', patch: 'PATCH', delete: 'DELETE' } as const
const headers = { authorization: `Bearer ${token}` }
let isOver = false
let insisted = 0
const writing = Promise.all(Array.from({ length: callers }, (_, caller) => write(`${caller}`)))

for await (const line of heard()) {
  const [order, first = '', second = '', ...rest] = line.split(' ')
  if (order === 'insist') void insist(servers[Number(first)] as string, Number(second))
  if (order === 'ask') void ask(first, servers[Number(second)] as string, rest)
  if (order === 'finish') void finish()
}
// With its parent.
process.exit()

async function finish(): Promise<void> {
  isOver = true
  await writing
  say('finished')
}

async function write(caller: string): Promise<void> {
  const random = seededRandom(`${seed}/${name}/${caller}`)
  for (let number = 1; !isOver; number++) {
    const server = random.pick(servers)
    const id = `${name}-${caller}-${number}`
    const kind = kindOf(random)
    const path = kind === 'push' ? 'pushed/*' : pathOf(caller, random)
    const isAnswered = await change(server, { id, kind, path }, random)
    if (isAnswered && kind !== 'push' && random.chance(0.5)) await look(server, path)
    await new Promise((resolve) => setTimeout(resolve, random.exponential(pace)))
  }
}

function kindOf(random: Random): WriteKind {
  const kind = random.next()
  return kind < 0.2 ? 'push' : kind < 0.65 ? 'set' : kind < 0.88 ? 'patch' : 'delete'
}

/** Its own, or one that all write to. */
function pathOf(caller: string, random: Random): string {
  const kind = random.next()
  if (kind < 0.5) return `users/${name}-${caller}-${random.int(0, 7)}`
  return kind < 0.95 ? `shared/${random.int(0, 11)}` : 'settings'
}

async function change(
  server: string,
  { id, kind, path }: Pick<Attempt, 'id' | 'kind' | 'path'>,
  random: Random,
): Promise<boolean> {
  const body = bodyOf(id, kind, random)
  say('sending', JSON.stringify({ id, kind, path, body, at: Date.now() } satisfies Attempt))
  try {
    const answer = await call(server, methods[kind], path, body)
    if (answer.status === 404 || answer.status === 409) say('refused', id)
    else if (answer.status >= 500) say('lost', id)
    else if (answer.status >= 400) throw new Error(`${kind} ${path}: ${JSON.stringify(answer)}`)
    else {
      const { index } = answer.text === '' ? {} : (JSON.parse(answer.text) as { index?: string })
      say('answered', JSON.stringify({ id, at: Date.now(), index }))
      return true
    }
  } catch (error) {
    if (!isAway(error)) throw error
    say('lost', id)
  }
  return false
}

async function look(server: string, path: string): Promise<void> {
  try {
    const { status, text } = await call(server, 'GET', path)
    if (status === 200) say('seen', JSON.stringify({ path, text }))
  } catch (error) {
    if (!isAway(error)) throw error
  }
}

async function insist(server: string, count: number): Promise<void> {
  const random = seededRandom(`${seed}/${name}/insists/${insisted}`)
  for (let left = count; left > 0; ) {
    const id = `${name}-insists-${++insisted}`
    const path = `users/${id}`
    if (!(await change(server, { id, kind: 'set', path }, random))) continue
    await look(server, path)
    left--
  }
  say('insisted', insisted)
}

async function ask(
  number: string,
  server: string,
  [method = 'GET', path = '', body]: readonly string[],
): Promise<void> {
  try {
    const { status, text } = await call(server, method, path, body)
    say('told', number, status, text.replaceAll('\n', ' '))
  } catch (error) {
    say('told', number, 0, `${(error as Error).cause ?? error}`.replaceAll('\n', ' '))
  }
}

async function call(
  server: string,
  method: string,
  path: string,
  body?: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`http://${server}/${path}`, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    // Who stands still may go on.
    signal: AbortSignal.timeout(60_000),
    ...(body !== undefined && { body }),
  })
  return { status: answer.status, text: await answer.text() }
}

function isAway(error: unknown): boolean {
  // What fetch throws when the connection fails, or breaks on the way.
  return error instanceof TypeError || (error as Error).name === 'TimeoutError'
}

function bodyOf(id: string, kind: WriteKind, random: Random): string | undefined {
  if (kind === 'delete') return undefined
  if (kind === 'patch') return `{"last":"${id}"}`
  // With a number that JavaScript would round.
  const pad = 'x'.repeat(random.int(0, 200))
  return `{"made":"${id}","last":"${id}","big":9007199254740993,"pad":"${pad}"}`
}
