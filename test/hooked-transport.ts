export { scriptedTransport as hooked } from '../src/testing/doubles/scripted.ts'
