/** What is shown with each request and subscription, as long as the tab is open. */
export function token(): string | null {
  return sessionStorage.getItem(tokenKey)
}

export function useToken(given: string): void {
  sessionStorage.setItem(tokenKey, given)
}

/** Called when the server wants a token, or another one. */
export function onUnauthorized(listener: () => void): void {
  addEventListener(unauthorized, listener)
}

/** The text of an answer; `undefined` where nothing stands. Rejects with the server's words for a refusal. */
export async function ask(path: string, init: RequestInit = {}): Promise<string | undefined> {
  const headers = new Headers(init.headers)
  const known = token()
  if (known !== null) headers.set('authorization', `Bearer ${known}`)
  const answer = await fetch(urlOf(path), { ...init, headers })
  const text = await answer.text()
  if (answer.ok) return text
  if (answer.status === 404 && init.method === undefined) return undefined
  if (answer.status === 401) dispatchEvent(new Event(unauthorized))
  throw new Error(text.trim() || `${answer.status} ${answer.statusText}`)
}

/** What `/?api=…` tells. Its numbers may lie beyond what JavaScript is exact about. */
export async function tell<Told>(query: string): Promise<Told> {
  return JSON.parse((await ask(`?api=${query}`)) ?? 'null')
}

/**
 * Relative to where the page is, so that it may stand behind a prefix, and never elsewhere: a path may come from a
 * link, and the token goes there.
 */
export function urlOf(path: string): URL {
  const isQuery = path.startsWith('?')
  const safe = isQuery ? path : `./${path.split('/').map(encodeURIComponent).join('/')}`
  return new URL(safe, new URL('.', location.href))
}

const tokenKey = 'rejoin.token'
const unauthorized = 'rejoin.unauthorized'
