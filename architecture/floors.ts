/**
 * The house plan: which room of src/ stands on which floor. A room imports only from floors below
 * it; type imports, dynamic imports and re-exports count, test files don't.
 * test/architecture.test.ts enforces this table.
 */
export const floors: readonly (readonly string[])[] = [
  ['errors', 'json', 'runtime', 'ports'],
  ['clock', 'version', 'sqlite'],
  ['event', 'contracts'],
  ['store', 'transport', 'conflict'],
  ['link', 'rules-file'],
  ['projection', 'state', 'client'],
  ['sync', 'cluster'],
  ['observe', 'server', 'presets'],
  ['cli', 'testing'],
]

/** Imports between rooms on one floor that are allowed all the same. They must not form a cycle. */
export const sameFloor: readonly { readonly from: string; readonly to: string; reason: string }[] =
  [
    { from: 'json', to: 'errors', reason: 'bad JSON is reported with the one error type' },
    { from: 'runtime', to: 'errors', reason: 'an aborted wait rejects with the one error type' },
    { from: 'ports', to: 'errors', reason: 'a health report carries the one error type' },
    { from: 'contracts', to: 'event', reason: 'the contracts of logs are about events' },
  ]

/**
 * Rooms whose folders are drivers. A driver imports nothing from another driver's folder; what
 * several drivers need lives in the shared folders named here.
 */
export const driverRooms: Readonly<Record<string, { readonly shared: readonly string[] }>> = {
  store: { shared: ['log', 'state'] },
  transport: { shared: ['remote'] },
}

/**
 * What may import `node:` modules. All the rest is the core bundle, which runs in browsers and
 * workers; inside it, files called node.ts and folders called node/ may, and nothing else of the
 * core imports those other than dynamically or as types.
 */
export const nodeOnly: readonly string[] = [
  'sqlite',
  'store/sqlite',
  'rules-file',
  'server',
  'cli',
  'testing',
]

/** Files that may `import()` what is named at run time. */
export const loaders: readonly { readonly file: string; reason: string }[] = [
  { file: 'src/cli/modules/load-module.ts', reason: 'modules of the application, by their path' },
]

/** Rooms that are nobody's entrance: they get no subpath export. */
export const internalRooms: readonly string[] = ['sqlite', 'cli']
