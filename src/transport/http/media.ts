/** A page of events: frames and an end line, see event/frame.ts. */
export const framesType = 'application/vnd.rejoin.frames'
export const jsonType = 'application/json'

/** The media type without its parameters, lower case; empty when there is none. */
export function mediaType(headers: Pick<Headers, 'get'>): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Whether a browser asks for a page to show. */
export function wantsPage(headers: { get(name: string): string | null }): boolean {
  return headers.get('accept')?.includes('text/html') === true
}
