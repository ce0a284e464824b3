import type { LinkId, NodeId } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { goIdentity } from '../../transport/http/compat-client/go-identity.ts'

/** A server of the original has no identity of its own: its address stands for it, also as an originator. */
export function pivotIdentity(
  address: string,
  runtime: Pick<Runtime, 'sha256'>,
): { readonly node: NodeId; readonly origin: LinkId } {
  return goIdentity(`pivot://${address}`, runtime)
}
