export { nullTransport } from './null-transport.ts'
