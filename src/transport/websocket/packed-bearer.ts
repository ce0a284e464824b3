/** Before a bearer token in base64url, as one more subprotocol: browsers let no page set a header. */
export const bearerPrefix = 'rejoin.bearer.'

/** A token as a subprotocol, which can have no character but a few. */
export function packedBearer(token: string): string {
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(token)))
  const url = base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  return `${bearerPrefix}${url}`
}
