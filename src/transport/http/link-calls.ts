import type { Transport } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'

/** What a link asks of its remote, in whichever protocol. */
export type LinkCalls<C = LogEvent> = Required<
  Pick<Transport<C>, 'hello' | 'push' | 'pull' | 'subscribe'>
>
