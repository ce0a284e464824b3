/** Whether a host to listen on is reached from this machine only. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  return name === 'localhost' || name === '::1' || ipv4Loopback.test(name)
}

/** The host of a Host header, without the port; `undefined` when it is none. */
export function hostOf(header: string): string | undefined {
  return /^(\[[0-9a-fA-F:.]+\]|[^:[\]/@?#\s]+)(:[0-9]{0,5})?$/.exec(header)?.[1]
}

const ipv4Loopback =
  /^127\.(25[0-5]|2[0-4]\d|1?\d?\d)\.(25[0-5]|2[0-4]\d|1?\d?\d)\.(25[0-5]|2[0-4]\d|1?\d?\d)$/
