import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One request and its answer, as a page shows them. */
export interface Exchange {
  readonly request: string
  readonly response: string
}

export const protocolPage = readFileSync(
  join(import.meta.dirname, '..', '..', 'docs', 'protocol.md'),
  'utf8',
)

/** The exchanges under a heading of a page: fenced `http` blocks, a request and its answer in turns. */
export function exchangesUnder(page: string, heading: string): readonly Exchange[] {
  const from = page.indexOf(`\n${heading}\n`)
  if (from < 0) throw new Error(`the page has no heading ${heading}`)
  const depth = /^#+ /.exec(heading)?.[0] as string
  const end = page
    .slice(from + 1 + heading.length)
    .search(new RegExp(`^#{1,${depth.length - 1}} `, 'm'))
  const part = page.slice(from, end < 0 ? undefined : from + 1 + heading.length + end)
  const blocks = [...part.matchAll(/^```http\n([\s\S]*?)^```/gm)].map((found) => found[1] as string)
  if (blocks.length % 2 !== 0) throw new Error(`under ${heading} a request lacks its answer`)
  return blocks.flatMap((request, at) =>
    at % 2 === 0 ? [{ request, response: blocks[at + 1] as string }] : [],
  )
}

/** Turns a request as it is shown into one to be sent. */
export function requestOf(text: string, base = 'http://hub.test'): Request {
  const { first, headers, body } = partsOf(text)
  const [method, path] = first.split(' ') as [string, string]
  const init = { method, headers: headers.map((line) => line.split(': ') as [string, string]) }
  return new Request(base + path, method === 'GET' ? init : { ...init, body })
}

/** An answer as it is shown: the status, those of its headers that the page names, the body. */
export async function shown(response: Response, like: string): Promise<string> {
  const named = partsOf(like).headers.map((line) => line.split(':')[0] as string)
  const headers = named.map((name) => `${name}: ${response.headers.get(name)}\n`)
  const body = await response.text()
  const end = body === '' || body.endsWith('\n') ? '' : '\n'
  return `${response.status}\n${headers.join('')}\n${body}${end}`
}

function partsOf(text: string): {
  readonly first: string
  readonly headers: readonly string[]
  readonly body: string
} {
  const gap = text.indexOf('\n\n')
  const [first = '', ...headers] = (gap < 0 ? text : text.slice(0, gap)).trimEnd().split('\n')
  return { first, headers, body: gap < 0 ? '' : text.slice(gap + 2) }
}
