export { type NodeHandlerOptions, nodeHandler } from './node-handler.ts'
export type { Mount } from './node-listener.ts'
export { type NodeUpgrade, type NodeUpgradeOptions, nodeUpgrade } from './node-upgrade.ts'
export { type RunningServer, type ServeOptions, serve } from './serve.ts'
