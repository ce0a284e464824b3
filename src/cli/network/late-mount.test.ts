import { expect, it } from 'vitest'
import { LateMount } from './late-mount.ts'

it('what is not there yet is said to come', async () => {
  const late = new LateMount()
  const request = new Request('http://localhost/sync/hello')
  const early = await late.answer(request)
  expect([early.status, early.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await early.json()).toMatchObject({ error: { code: 'unavailable', retryable: true } })
  late.serve(() => new Response('here'))
  expect(await (await late.answer(request)).text()).toBe('here')
})
