export { type HttpClientNodeOptions, httpClientNode } from './http-client-node.ts'
export { type HttpClientTransportOptions, httpClientTransport } from './http-client-transport.ts'
export {
  type HttpServerNode,
  type HttpServerNodeOptions,
  httpServerNode,
} from './http-server-node.ts'
export { type InMemoryNodeOptions, inMemoryNode } from './in-memory-node.ts'
