/** Before the name of a cluster in base64url, as one more subprotocol: no header can be set here. */
export const clusterPrefix = 'rejoin.cluster.'

/** The name of a cluster, which is ASCII, as a subprotocol. */
export function packedCluster(name: string): string {
  const url = btoa(name).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  return `${clusterPrefix}${url}`
}
