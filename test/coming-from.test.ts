import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8')
const page = read('docs', 'coming-from-go-sync-kit.md')
const rows = [...page.matchAll(/^\| (.*?) \| (.*?) \| (.*?) ?\|$/gm)].filter(
  (row) => row[1] !== 'go-sync-kit' && !row[1]?.startsWith('---'),
)

describe('the page for those who come from go-sync-kit', () => {
  it.each(names())('says where %s is', (name) => {
    const told = rows.some((row) =>
      new RegExp(`\\b${name.replace('.', '\\.')}\\b`).test(row[1] as string),
    )
    expect(told).toBe(true)
  })

  it('names only what is exported there', () => {
    const named = [...page.matchAll(/((?:`\w+`(?: and | and type |, )?)+) from `rejoin([^`]*)`/g)]
    expect(named.length).toBeGreaterThan(20)
    for (const [, list = '', room = ''] of named) {
      const index = read('src', room === '' ? 'sync' : room.slice(1), 'index.ts')
      for (const [, name] of list.matchAll(/`(\w+)`/g))
        expect(index, `rejoin${room}`).toMatch(new RegExp(`\\b${name}\\b`))
    }
  })

  it('names only options and methods that exist', () => {
    const files = [
      'sync/node-options.ts',
      'transport/http/client.ts',
      'transport/http/native-client.ts',
      'store/sqlite/sqlite-store.ts',
    ]
    const code = files.map((path) => read('src', path)).join('\n')
    const section = page.slice(page.indexOf('## Options'), page.indexOf('## Methods'))
    const optionRows = [...section.matchAll(/^\| .*? \| ((?:`\w+`(?:, )?)+) \|/gm)]
    expect(optionRows.length).toBeGreaterThan(10)
    for (const row of optionRows)
      for (const [, name] of (row[1] as string).matchAll(/`(\w+)`/g))
        expect(code).toMatch(new RegExp(`readonly ${name}\\??:`))
    const versions = read('src', 'transport', 'http', 'compat', 'versions.ts')
    for (const [, name] of page.matchAll(/compat: \{ (\w+)/g))
      expect(versions).toMatch(new RegExp(`readonly ${name}\\?:`))
    const node = read('src', 'sync', 'sync-node.ts') + read('src', 'sync', 'log-node.ts')
    const methods = [...page.matchAll(/`node\.(\w+)`/g)]
    expect(methods.length).toBeGreaterThan(10)
    for (const [, name] of methods) expect(node).toMatch(new RegExp(`\\b${name}\\(`))
  })
})

/** What its readme names. */
function names(): readonly string[] {
  return `NewNode NewManager NewSyncManager SyncManager SyncNode SyncOptions NewInMemoryNode NewHTTPClientNode
    NewHTTPServerNode WithStore WithTransport WithNullTransport WithLWW WithFWW WithAdditiveMerge
    WithConflictResolver ConflictResolver WithFilter WithBatchSize WithTimeout WithSyncInterval WithValidation
    WithCompression WithPushOnly WithPullOnly WithMetrics WithHealthChecks WithManagerLogger WithProjections
    WithProjectionsOnSync PushOnly PullOnly Filter BatchSize SyncInterval Sync Push Pull StartAutoSync
    StopAutoSync Subscribe Close SyncResult EventsPushed EventsPulled ConflictsResolved Errors Event
    EventWithVersion EventStore Store StoreBatch Load LoadByAggregate LatestVersion Version ParseVersion VersionParser
    VectorClock NewVersionedStore VersionManager IntegerCursor VectorCursor sqlite.New sqlite.NewWithDataSource
    EnableWAL MaxOpenConns MaxIdleConns ConnMaxLifetime ConnMaxIdleTime TableName memstore memchan BadgerDB
    PostgreSQL Redis Transport httptransport.NewTransport httptransport.NewSyncHandler SSE sse.NewServer
    sse.NewClient gRPC WebSocket NATS SyncError MockEventStore MockTransport MockConflictResolver
    BadgerEventStore GraphQL NewCollector NewCollectorWithConfig Namespace Subsystem Labels EnableDetailedMetrics
    RecordTenantOperation RecordBusinessEvent NewManagerWithConfig AddCheck NewStorageCheck NewTransportCheck
    NewMemoryCheck NewDiskSpaceCheck CheckResult LivenessHandler ReadinessHandler StartupHandler
    OverallHealthHandler StartupTimeout ShutdownTimeout OpenTelemetry`.split(/\s+/)
}
