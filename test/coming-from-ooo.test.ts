import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs', 'coming-from-ooo.md'), 'utf8')
const rows = [...page.matchAll(/^\| (.+) \| (.+) \|$/gm)].filter(([, ooo]) => ooo !== 'ooo')

describe('docs/coming-from-ooo.md', () => {
  it('names only what there is here', () => {
    const sources = globSync(
      'src/{state,store,server,cli,client,contracts,json,runtime,testing}/**/*.ts',
      { cwd: root },
    )
      .filter((file) => !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n')
    const names = rows.flatMap(([, , here = '']) =>
      [...here.matchAll(/`([A-Za-z]+)[^`]*`/g)].map(([, name]) => name as string),
    )
    expect(rows.length).toBeGreaterThan(60)
    expect(names.length).toBeGreaterThan(90)
    for (const name of new Set(names))
      expect(sources, name).toMatch(
        new RegExp(`\\b${name}\\b\\??[:(<]|(class|function|command|const) ${name}\\b|'${name}'`),
      )
  })

  it.each(names())('says where %s is, or why it is not', (name) => {
    const told = rows.filter(([, ooo = '']) => new RegExp(`\\b${name}\\b`).test(ooo))
    expect(told.map(([, , here]) => here).join()).toMatch(/\w{3}/)
  })
})

/** What its packages export and its options are called; what is for its own tests and inner workings left out. */
function names(): readonly string[] {
  return `Server Start StartWithError Validate Active Close WaitClose Signal Name Router Use Audit Endpoint
    EndpointConfig Methods MethodSpec Params Vars NoBroadcastKeys Workers ForcePatch NoPatch LosslessWatch
    OnSubscribe OnUnsubscribe OnStart OnClose CloseCallbackBudget Deadline AllowedOrigins AllowedMethods
    AllowedHeaders ExposedHeaders Storage Address Silence Static Tick Console Client CertFile KeyFile TLSConfig
    ReadTimeout WriteTimeout ReadHeaderTimeout IdleTimeout MaxRequestBodyBytes OnStorageEvent OnWatchPanic
    OnDroppedEvent BeforeRead AfterWrite AfterWriteOp GetPivotInfo NoCompress WatchPanics DroppedEvents
    RegisterCloseHook RegisterPreClose RegisterProxyCleanup RegisterProxy RegisterLimitFilter RegisterOracleRoute
    RouterMutate LimitBody PreShutdown ProxyTeardown PostShutdown Time LoadCertPool NewClient OpenFilter WriteFilter
    AfterWriteFilter DeleteFilter ReadObjectFilter ReadListFilter LimitFilter LimitFilterConfig Limit LimitFunc
    MaxAge MaxAgeFunc Order OrderDesc OrderAsc Cleanup CleanupConfig FilterConfig NoopHook NoopNotify NoopFilter
    NoopObjectFilter NoopListFilter Get GetList Set Push Patch Delete RemoteGet RemoteGetList RemoteSet RemotePush
    RemotePatch RemoteDelete RemoteConfig RetryConfig Subscribe SubscribeList SubscribeConfig Meta Route RouteList
    RouteWithVars RouteNodeFilter RouteNodeListFilter Resolver Capabilities Database GetN GetNAscending GetNRange
    GetListDescending Keys KeysRange GetAndLock SetAndUnlock Unlock SetWithMeta DelSilent Clear WatchSharded
    WatchWithCallback WatchStorageNoop Layered MemoryLayer EmbeddedLayer EmbeddedWrapper Adapter IsValid IsGlob
    HasGlob Match ValidateGlob Build Decode LastIndex Peer Contains Object EmptyObject Merge MergeBytes
    SortAsc SortDesc Protocol OnMessage OnError Ctx MediumThreshold MaxThreshold Del SetBeforeRead DecodeBuffer PatchList PatchCache Now Reflect Stream Handler oootest`.split(
    /\s+/,
  )
}
