export { type WebSocketTransportOptions, webSocketTransport } from './client.ts'
export type { SocketClass } from './dial.ts'
export {
  type ConnectionLimits,
  defaultSocketLimits,
  type SocketLimitOptions,
  type SocketLimits,
} from './limits.ts'
export type { NativeSocketOptions } from './native-client.ts'
export type { NativeSockets, NativeSocketsOptions } from './native-server.ts'
export type { PeerConnection, PeerSocket } from './peer-socket.ts'
export { type LogSockets, type LogSocketsOptions, logSockets } from './server.ts'
export { type WebSocketStateTransportOptions, webSocketStateTransport } from './state-client.ts'
export { type StateLinkSocketsOptions, stateLinkSockets } from './state-sockets.ts'
