export { Calls, type CallsOptions } from './calls.ts'
export { untilAborted } from './interruptible.ts'
export { defaultRemoteLimits, type RemoteLimits, remoteLimitsOf } from './limits.ts'
export { type Greeting, type Remote, type RemoteOptions, remoteOf } from './remote.ts'
