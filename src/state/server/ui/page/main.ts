import { button, byId, element, wordsOf } from './dom.ts'
import { follow } from './following.ts'
import { keyList } from './key-list.ts'
import { type ObjectView, objectView } from './object-view.ts'
import { onUnauthorized, tell } from './requests.ts'
import { fields, table } from './tables.ts'
import { tokenForm } from './token-form.ts'

interface Cluster {
  readonly role: string
  readonly nodes: readonly object[]
}

interface Tab {
  readonly name: string
  readonly show: () => Promise<readonly HTMLElement[]>
  /** Read anew every few seconds, with the server's clock. */
  readonly isLive?: boolean
}

const main = byId('main')
let view: ObjectView | undefined
/** Nothing is shown without a token. */
let isLocked = false

const tabs: readonly Tab[] = [
  { name: 'keys', show: async () => [keyList(open), await viewOf(pathInAddress())] },
  {
    name: 'connections',
    isLive: true,
    show: async () => {
      const { pools, totalConnections } = await tell<{
        pools: readonly object[]
        totalConnections: number
      }>('state')
      return [table(`${totalConnections} subscriptions`, pools)]
    },
  },
  {
    name: 'filters',
    show: async () => [
      table('Filters', (await tell<{ filters: readonly object[] }>('filters')).filters),
      table('Endpoints', await tell<readonly object[]>('endpoints')),
      table('Proxies', await tell<readonly object[]>('proxies')),
      table(
        'Keys that no filter covers',
        (await tell<readonly string[]>('orphan-keys')).map((key) => ({ key })),
      ),
    ],
  },
  {
    name: 'cluster',
    isLive: true,
    show: async () => {
      const { nodes, ...rest } = await tell<Cluster>('pivot')
      return [fields(`Cluster: ${rest.role}`, rest), table('Nodes', nodes)]
    },
  },
  { name: 'server', show: async () => [fields('Server', await tell<object>('info'))] },
]

let current = tabs[0] as Tab
const choices = tabs.map((tab) => button(tab.name, () => select(tab)))
byId('tabs').append(...choices)

async function select(tab: Tab): Promise<void> {
  current = tab
  for (const [at, choice] of choices.entries())
    choice.ariaCurrent = tabs[at] === tab ? 'page' : null
  await refresh(tab)
}

async function refresh(tab: Tab): Promise<void> {
  let shown: readonly HTMLElement[]
  try {
    shown = await tab.show()
  } catch (error) {
    shown = [element('section', { className: 'bad wide' }, wordsOf(error))]
  }
  if (isLocked || current !== tab) return
  if (tab.name !== 'keys') closeView()
  main.replaceChildren(...shown)
}

function open(path: string): void {
  location.hash = encodeURIComponent(path)
}

async function viewOf(path: string): Promise<HTMLElement> {
  closeView()
  if (path === '') return element('section', { className: 'quiet' }, 'Choose a key, or name a path')
  view = objectView(path)
  return view.shown
}

function closeView(): void {
  view?.close()
  view = undefined
}

function pathInAddress(): string {
  try {
    return decodeURIComponent(location.hash.slice(1))
  } catch {
    return ''
  }
}

onUnauthorized(() => {
  if (isLocked) return
  isLocked = true
  closeView()
  main.replaceChildren(tokenForm())
})

addEventListener('hashchange', async () => {
  if (isLocked) return
  if (current !== tabs[0]) return select(tabs[0] as Tab)
  main.lastChild?.replaceWith(await viewOf(pathInAddress()))
})

const clock = byId('clock')
let ticks = 0
follow(
  '',
  (nanoseconds) => {
    clock.textContent = nanoseconds
    if (ticks++ % 3 === 0 && current.isLive) void refresh(current)
  },
  (isConnected) => {
    clock.className = isConnected ? 'good' : 'bad'
    if (!isConnected) clock.textContent = 'not connected'
  },
)

void tell<{ name: string }>('info').then(
  ({ name }) => {
    byId('name').textContent = document.title = name
  },
  () => {},
)
void select(current)
