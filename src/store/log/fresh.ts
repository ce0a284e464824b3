import { RejoinError } from '../../errors/index.ts'
import { isNodeId, type NodeId, newOrigin } from '../../event/index.ts'
import { type Runtime, uuidv7 } from '../../runtime/index.ts'
import type { Position } from '../../version/index.ts'
import type { LogMeta } from './tables.ts'

/** The beginning of a log. Throws `invalid_argument` for what is no node id. */
export function freshMeta(node: string | undefined, runtime: Runtime): LogMeta {
  const id = node ?? randomNode(runtime)
  if (!isNodeId(id))
    throw new RejoinError('invalid_argument', `"${id}" is not a node id: [A-Za-z0-9._-]{1,255}`, {
      operation: 'open',
      component: 'store/log',
    })
  return {
    node: id,
    origin: newOrigin(id, runtime),
    sequence: 0n,
    position: 0n as Position,
    clock: 0n,
    events: 0n,
    moved: 0n,
    clashes: 0n,
    erased: 0n,
    vias: 0,
  }
}

function randomNode(runtime: Runtime): NodeId {
  return `n${uuidv7(runtime)().replaceAll('-', '').slice(-16)}` as NodeId
}
