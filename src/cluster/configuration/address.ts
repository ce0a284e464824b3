/** What is wrong with an address of a server; `undefined` for a good one: `host:port`. */
export function addressProblem(given: unknown): string | undefined {
  if (typeof given !== 'string') return 'must be a text such as hub:8080'
  if (given.includes('//')) return 'must be host:port, without a scheme'
  const [, port] = form.exec(given) ?? []
  if (port === undefined) return 'must be host:port'
  return portOf(port) === undefined ? 'needs a port from 1 to 65535' : undefined
}

/**
 * The one form of an address, by which servers are told apart: small letters, a port without zeros in front, and an IP
 * address as a URL has it. `undefined` for what is no address.
 */
export function plainAddress(given: unknown): string | undefined {
  return addressProblem(given) === undefined ? inPlainForm(given as string) : undefined
}

/** A server's address from where it says it is, in its one form; `undefined` when that is no server. */
export function addressOf(host: unknown, port: unknown): string | undefined {
  const number = portOf(port)
  if (typeof host !== 'string' || number === undefined) return undefined
  const isPlainIpv6 = host.includes(':') && !host.startsWith('[')
  return plainAddress(`${isPlainIpv6 ? `[${host}]` : host}:${number}`)
}

/** Its two parts, as an entry names them. */
export function partsOf(address: string): { readonly ip: string; readonly port: number } {
  const colon = address.lastIndexOf(':')
  return {
    ip: address.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(colon + 1)),
  }
}

/** What a server listens at to be reached at all its addresses; for others it is themselves. */
export function isEveryAddress(address: string): boolean {
  const { ip } = partsOf(address)
  return ip === '0.0.0.0' || /^[0:]+$/.test(ip)
}

function inPlainForm(address: string): string {
  const colon = address.lastIndexOf(':')
  const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))]
  // As it will be called; a name that no URL may have is found out then.
  return `${URL.parse(`http://${host}`)?.hostname ?? host.toLowerCase()}:${port}`
}

/** A number, or a text of digits. */
function portOf(given: unknown): number | undefined {
  if (typeof given === 'string' && !/^\d{1,5}$/.test(given)) return undefined
  if (typeof given !== 'string' && typeof given !== 'number') return undefined
  const port = Number(given)
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined
}

const form = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):(\d+)$/
