// Where test files share a process, each is to leave it as it was: what listens, runs, or has changed there would be
// met by those that follow.
import { afterAll, expect, vi } from 'vitest'

const before = whatStays()

afterAll(async () => {
  await vi.waitFor(() =>
    expect(whatStays(), 'what is left to the next file in this process').toEqual(before),
  )
})

function whatStays() {
  const open = process.getActiveResourcesInfo()
  const counted = (kind: string) => open.filter((one) => one === kind).length
  return {
    servers: counted('TCPServerWrap'),
    processes: counted('ProcessWrap'),
    listeners: process.eventNames().map((name) => [name, process.listenerCount(name)]),
    folder: process.cwd(),
    environment: { ...process.env },
  }
}
