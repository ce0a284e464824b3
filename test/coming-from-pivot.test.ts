import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ranBlocks } from './doc-blocks.ts'
import { pageCode } from './page-code.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs', 'coming-from-pivot.md'), 'utf8')
const rows = [...page.matchAll(/^\| (.+?) \| (.+) \|$/gm)].filter(([, pivot]) => pivot !== 'pivot')

describe('docs/coming-from-pivot.md', () => {
  it('ports the program of the original’s readme, which runs and prints what it says', () => {
    const { blocks, printed } = pageCode('coming-from-pivot.md')
    const [, told] = blocks
    expect(printed()).toEqual([told?.code])
    if (told !== undefined) ranBlocks(told.code)
  })

  it('names only what there is here', () => {
    const sources = globSync('src/{cluster,server,state,errors}/**/*.ts', { cwd: root })
      .filter((file) => !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n')
    const here = rows.map(([, , told = '']) => told).join('\n')
    const names = [...here.matchAll(/`([A-Za-z]+)`/g)].map(([, name]) => name as string)
    const known = new Set(['host', 'port', 'ip', 'IP', 'Port', 'Client'])
    const own = [...new Set(names)].filter((name) => !known.has(name))
    expect(own.length).toBeGreaterThan(25)
    for (const name of own)
      expect(sources, name).toMatch(
        new RegExp(`\\b${name}\\b\\??[:(<,]|(class|function) ${name}\\b|get ${name}\\b|'${name}'`),
      )
  })

  it.each(names())('says where %s is, or why it is not', (name) => {
    const told = rows.filter(([, pivot = '']) => new RegExp(`\\b${name}\\b`).test(pivot))
    expect(told.map(([, , here]) => here).join()).toMatch(/\w{3}/)
  })

  it('tells of each route that the original has', () => {
    const routes = readFileSync(join(root, 'src', 'cluster', 'pivot', 'routes.ts'), 'utf8')
    const served = [...routes.matchAll(/^ \* {3}(GET|POST|DELETE) +([\w/]+)/gm)]
    expect(served.length).toBeGreaterThan(7)
    for (const [, method, path] of served) {
      const told = rows.some(([, pivot = '']) => pivot.includes(`${method} /_pivot/${path}`))
      expect(told, `${method} ${path}`).toBe(true)
    }
  })
})

/** What its package exports and its options are called; what is for its own tests and inner workings left out. */
function names(): readonly string[] {
  return `Setup Config Keys Key Path Database ClusterURL Local NodesKey ExtraNodeURLs Client AutoSyncOnStart SSL
    HealthCheckInterval SyncRetryInterval Scheme EffectiveClusterURL GetInstance Instance BeforeRead SyncCallback
    SyncedKeys NodeHealth GetNodes PivotHealth AddExtraNodeURL GetExtraNodeURLs SetAfterPull Attach GetPivotInfo
    RoutePrefix StoragePrefix StorageSyncCallback NodeStatus PivotHealthStatus DefaultClient Node GetIP GetPort
    IsClusterLeaderFor FindKeyStorage MatchesIndex IsGlobPattern BasePath Activity ActivityEntry GetList GetSingle Set
    Delete SynchronizePivotHandler SynchronizeNodeHandler NodeHealthHandler VersionHandler VersionInfo
    ProtocolVersion GetEntriesNegativeDiff GetEntriesPositiveDiff SyncDeleteFilter TriggerNodeSync
    TriggerNodeSyncWithHealth OriginatorTracker NewOriginatorTracker OriginatorHeader NewNodeHealth IsHealthy
    GetHealthyNodes GetStatus GetProtocol IsCompatible HealthPath OnConnect OnDisconnect SetOnHealthChange MarkHealthy
    MarkUnhealthy StartBackgroundCheck Stop ErrStorageNotActive AfterWrite NoBroadcastKeys
    Workers`.split(/\s+/)
}
