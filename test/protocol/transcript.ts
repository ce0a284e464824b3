import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ranBlocks } from '../doc-blocks.ts'

/** One request and its answer, as a page shows them. */
export interface Exchange {
  readonly request: string
  readonly response: string
  /** What the stream that was begun last tells afterwards. */
  readonly afterwards: readonly string[]
}

export const protocolPage = readFileSync(
  join(import.meta.dirname, '..', '..', 'docs', 'protocol.md'),
  'utf8',
)

/**
 * The exchanges under a heading of a page: fenced `http` blocks, a request and its answer in turns. A block that
 * begins with `…` shows how a stream goes on.
 */
export function exchangesUnder(page: string, heading: string): readonly Exchange[] {
  const from = page.indexOf(`\n${heading}\n`)
  if (from < 0) throw new Error(`the page has no heading ${heading}`)
  const depth = /^#+ /.exec(heading)?.[0] as string
  const end = page
    .slice(from + 1 + heading.length)
    .search(new RegExp(`^#{1,${depth.length - 1}} `, 'm'))
  const part = page.slice(from, end < 0 ? undefined : from + 1 + heading.length + end)
  const blocks = [...part.matchAll(/^```http\n([\s\S]*?)^```/gm)].map((found) => found[1] as string)
  const found: { request: string; response: string; afterwards: string[] }[] = []
  let request: string | undefined
  for (const block of blocks) {
    if (block.startsWith(goesOn)) found.at(-1)?.afterwards.push(block.slice(goesOn.length))
    else if (request === undefined) request = block
    else {
      found.push({ request, response: block, afterwards: [] })
      request = undefined
    }
  }
  if (request !== undefined) throw new Error(`under ${heading} a request lacks its answer`)
  return found
}

/** Sends what a page shows to a hub, and tells of each difference between what is said and what is shown. */
export async function replay(
  hub: (request: Request) => Promise<Response>,
  exchanges: readonly Exchange[],
  compare: (said: string, shown: string, request: string) => void,
): Promise<void> {
  let stream: ((length: number) => Promise<string>) | undefined
  for (const { request, response, afterwards } of exchanges) {
    const answer = await hub(requestOf(request))
    if (isStream(answer)) stream = readerOf(answer)
    const body = isStream(answer) ? stream?.(partsOf(response).body.length) : answer.text()
    compare(shown(answer, (await body) ?? '', response), response, request)
    for (const more of afterwards) compare((await stream?.(more.length)) ?? '', more, request)
    ranBlocks(request, response, ...afterwards.map((more) => `${goesOn}${more}`))
  }
}

/** Turns a request as it is shown into one to be sent. */
function requestOf(text: string, base = 'http://hub.test'): Request {
  const { first, headers, body } = partsOf(text)
  const [method, path] = first.split(' ') as [string, string]
  const init = { method, headers: headers.map((line) => line.split(': ') as [string, string]) }
  return new Request(base + path, method === 'GET' ? init : { ...init, body })
}

/** An answer as it is shown: the status, those of its headers that the page names, the body. */
function shown(response: Response, body: string, like: string): string {
  const named = partsOf(like).headers.map((line) => line.split(':')[0] as string)
  const headers = named.map((name) => `${name}: ${response.headers.get(name)}\n`)
  const end = body === '' || body.endsWith('\n') ? '' : '\n'
  return `${response.status}\n${headers.join('')}\n${body}${end}`
}

function isStream({ headers }: Response): boolean {
  return headers.get('content-type') === 'text/event-stream'
}

/** What has come, once it is at least so much, or the stream has ended. */
function readerOf(response: Response): (length: number) => Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  return async (length) => {
    let text = ''
    while (text.length < length) {
      const { done, value = '' } = (await reader?.read()) ?? { done: true }
      if (done) return text
      text += value
    }
    return text
  }
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

const goesOn = '…\n'
