export type { Authorize } from '../remote/authorize.ts'
export { type HttpTransportOptions, httpTransport } from './client.ts'
export { type CompatOptions, decimalVersions, type VersionForm } from './compat/versions.ts'
export { type LogHandlerOptions, logHandler } from './handler.ts'
export {
  defaultHttpLimits,
  type HttpLimitOptions,
  type HttpLimits,
  type TransferLimits,
} from './limits.ts'
export type { Handler, NativeHandlerOptions } from './native-handler.ts'
export { type HttpStateTransportOptions, httpStateTransport } from './state-client.ts'
export { type StateLinkHandlerOptions, stateLinkHandler } from './state-handler.ts'
