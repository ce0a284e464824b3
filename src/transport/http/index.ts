export { type HttpTransportOptions, httpTransport } from './client.ts'
export { type CompatOptions, decimalVersions, type VersionForm } from './compat/versions.ts'
export { type Authorize, type Handler, type LogHandlerOptions, logHandler } from './handler.ts'
export { defaultHttpLimits, type HttpLimitOptions, type HttpLimits } from './limits.ts'
