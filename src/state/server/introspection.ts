import { patternProblem } from '../../contracts/index.ts'
import type { Answer } from '../../transport/http/answer.ts'
import { wantsPage } from '../../transport/http/media.ts'
import type { PlainRequest } from '../../transport/http/plain.ts'
import type { State } from '../state.ts'
import { jsonAnswer } from './answers.ts'
import type { Filters } from './filters.ts'
import type { Channels } from './live/channels.ts'
import { StateRefusal } from './refusal.ts'
import type { ServedCluster } from './served-cluster.ts'
import { shownFilter } from './shown-filter.ts'
import { pageAnswer } from './ui/page-answer.ts'

export interface IntrospectionContext {
  readonly state: State
  readonly filters: Filters
  readonly channels: Channels
  readonly clocks: { readonly size: number }
  readonly endpoints: { readonly shown: readonly object[] }
  readonly proxies: { readonly shown: readonly object[] }
  readonly cluster: ServedCluster
  readonly info: ServerInfo
}

/** Times are milliseconds. */
export interface ServerInfo {
  readonly name: string
  readonly deadline: number
  readonly forcePatch: boolean
  readonly noPatch: boolean
  readonly isStatic: boolean
  /** Whether there is a page. */
  readonly ui: boolean
}

/**
 * `/?api=…`: what a dashboard wants to know; without it, for a browser, the dashboard. Throws a refusal for a
 * name that there is not.
 */
export async function introspect(
  context: IntrospectionContext,
  { url, headers }: Pick<PlainRequest, 'url' | 'headers'>,
  signal: AbortSignal,
): Promise<Answer> {
  if (getsPage(context.info, { url, headers })) return pageAnswer()
  const name = url.searchParams.get('api') ?? 'info'
  const tell = Object.hasOwn(apis, name) ? apis[name] : undefined
  if (tell === undefined)
    throw new StateRefusal(
      400,
      `no api=${name.slice(0, 40)}: there are ${Object.keys(apis).join(', ')}`,
    )
  return jsonAnswer(JSON.stringify(await tell(context, url, signal)))
}

/** Whether a request to `/` gets the page. */
export function getsPage(
  { ui }: Pick<IntrospectionContext['info'], 'ui'>,
  { url, headers }: Pick<PlainRequest, 'url' | 'headers'>,
): boolean {
  return ui && wantsPage(headers) && !url.searchParams.has('api')
}

type Tell = (context: IntrospectionContext, url: URL, signal: AbortSignal) => unknown

const apis: Readonly<Record<string, Tell>> = {
  info: ({ info, clocks, channels }, url) => ({
    name: info.name,
    address: url.host,
    deadline: info.deadline * nanoseconds,
    readTimeout: info.deadline * nanoseconds,
    writeTimeout: info.deadline * nanoseconds,
    readHeaderTimeout: info.deadline * nanoseconds,
    idleTimeout: info.deadline * nanoseconds,
    forcePatch: info.forcePatch,
    noPatch: info.noPatch,
    static: info.isStatic,
    silence: true,
    workers: 1,
    tick: 1_000 * nanoseconds,
    watchPanics: 0,
    droppedEvents: 0,
    subscriptions: channels.pools.length,
    clocks: clocks.size,
  }),
  keys,
  filters: ({ filters }) => ({
    paths: filters.all.map(({ pattern }) => pattern),
    filters: filters.all.map(shownFilter),
  }),
  state({ channels }) {
    const { pools } = channels
    const totalConnections = pools.reduce((sum, { connections }) => sum + connections, 0)
    return { pools, totalConnections }
  },
  pivot: ({ cluster }) => cluster.shown(),
  'orphan-keys': orphans,
  endpoints: ({ endpoints }) => endpoints.shown,
  proxies: ({ proxies }) => proxies.shown,
}

async function keys({ state }: IntrospectionContext, { searchParams }: URL, signal: AbortSignal) {
  const page = wholeIn(searchParams, 'page', 1, Number.MAX_SAFE_INTEGER)
  const limit = wholeIn(searchParams, 'limit', 50, 500)
  const filter = searchParams.get('filter') ?? ''
  if (filter.includes('*') && patternProblem(filter) !== undefined)
    throw new StateRefusal(400, 'filter is no pattern')
  const skip = Math.min((page - 1) * limit, Number.MAX_SAFE_INTEGER)
  const { keys, total } = await state.keys({ filter, limit, skip, signal })
  return { keys, total, page, limit, filter }
}

/** Living paths that no filter covers, up to 10,000 of them. */
async function orphans({ state, filters }: IntrospectionContext, _: URL, signal: AbortSignal) {
  const found: string[] = []
  for (let skip = 0; ; skip += mostOrphans) {
    const { keys, total } = await state.keys({ limit: mostOrphans, skip, signal })
    for (const key of keys) if (!filters.covers(key)) found.push(key)
    if (found.length >= mostOrphans || skip + mostOrphans >= total)
      return found.slice(0, mostOrphans)
  }
}

function wholeIn(given: URLSearchParams, name: string, otherwise: number, most: number): number {
  const text = given.get(name)
  if (text === null || text === '') return otherwise
  if (!/^[1-9][0-9]{0,14}$/.test(text))
    throw new StateRefusal(400, `${name} must be a whole number above 0`)
  return Math.min(Number(text), most)
}

const mostOrphans = 10_000
const nanoseconds = 1_000_000
