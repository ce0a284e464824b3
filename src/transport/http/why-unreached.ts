/**
 * What kept a request from its answer, in words. fetch says only "fetch failed"; what happened stands in its cause, or
 * in that one's errors.
 */
export function whyUnreached(error: unknown): string {
  const { cause, code, message } = error as { cause?: unknown; code?: unknown; message?: unknown }
  if (cause !== undefined && cause !== null) return whyUnreached(cause)
  if (typeof code === 'string') {
    const words = code.startsWith('HPE_') ? otherProtocol : plainWords[code]
    return words === undefined ? code : `${words} (${code})`
  }
  if (message === 'bad port') return 'fetch goes to no port that is known for another protocol'
  return typeof message === 'string' && message !== '' ? message : String(error)
}

/** Node's parser of HTTP has many codes for it. */
const otherProtocol = 'what answers there does not speak HTTP'

/** What the codes of Node's network and of its fetch mean to a person. */
const plainWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no network',
  ETIMEDOUT: 'the host does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer',
}
