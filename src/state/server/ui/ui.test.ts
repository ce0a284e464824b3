import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { builtPage } from '../../../../scripts/build-page.ts'
import { serve } from '../../../server/index.ts'
import { servedState } from '../../fixtures/served.ts'
import type { StateServerOptions } from '../../index.ts'
import { page } from './built-page.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

async function served(options?: StateServerOptions) {
  const one = await servedState(options)
  opened.push(one)
  return one
}

const asBrowser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }

describe('the page at /', () => {
  it('is what its sources make', async () => {
    const file = fileURLToPath(new URL('./built-page.ts', import.meta.url))
    expect(readFileSync(file, 'utf8'), 'run node scripts/build-page.ts').toBe(await builtPage())
  })

  it('is served to who asks for a page, and what the server is to who does not', async () => {
    const { call } = await served({ name: 'home' })
    const { status, text, headers } = await call('GET', '/', undefined, asBrowser)
    expect([status, text]).toEqual([200, page])
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('vary')).toBe('accept, accept-encoding')
    expect(JSON.parse((await call('GET', '/')).text)).toMatchObject({ name: 'home' })
    const info = await call('GET', '/?api=info', undefined, asBrowser)
    expect(JSON.parse(info.text)).toMatchObject({ name: 'home' })
    expect(await call('HEAD', '/', undefined, asBrowser)).toMatchObject({ status: 200, text: '' })
    expect((await call('POST', '/', '1', asBrowser)).status).toBe(405)
  })

  it('is not there when it is switched off', async () => {
    const { call } = await served({ ui: false })
    const { headers } = await call('GET', '/', undefined, asBrowser)
    expect(headers.get('content-type')).toBe('application/json')
  })

  it('opens without a token, which it asks for, and nothing else does', async () => {
    const { server, tree } = await served()
    await tree.set('box', 1)
    const listening = await serve({ mounts: {}, state: server, port: 0, tokens: ['secret'] })
    opened.push(listening)
    const answer = async (path: string, init: RequestInit = asBrowser) => {
      const response = await fetch(`${listening.url}${path}`, init)
      return [response.status, response.headers.get('content-type')]
    }
    const html = 'text/html; charset=utf-8'
    expect(await answer('/')).toEqual([200, html])
    expect(await answer('/', { ...asBrowser, method: 'HEAD' })).toEqual([200, html])
    for (const path of ['/?api=info', '/?api=keys', '/box', '/*', '/box/'])
      expect((await answer(path))[0], path).toBe(401)
    for (const init of [{}, { ...asBrowser, method: 'POST' }, { ...asBrowser, method: 'DELETE' }])
      expect((await answer('/', init))[0]).toBe(401)
  })

  it('does not open without a token when it is switched off', async () => {
    const { server } = await served({ ui: false })
    const listening = await serve({ mounts: {}, state: server, port: 0, tokens: ['secret'] })
    opened.push(listening)
    expect((await fetch(listening.url, asBrowser)).status).toBe(401)
  })

  it('does not open to a web page from elsewhere, where no token is wanted', async () => {
    const { server } = await served()
    const listening = await serve({ mounts: {}, state: server, port: 0 })
    opened.push(listening)
    const headers = { ...asBrowser.headers, origin: 'http://evil.test' }
    expect((await fetch(listening.url, { headers })).status).toBe(403)
  })

  it('passes the middleware, and then the door with its tokens, as all that may answer anything', async () => {
    const { server } = await served({
      middleware: (request, next) =>
        request.headers.has('x-who') ? next(request) : new Response('who?', { status: 403 }),
    })
    const token = 'secret'
    const listening = await serve({ mounts: {}, state: server, port: 0, tokens: [token] })
    opened.push(listening)
    const status = async (headers: Record<string, string>) =>
      (await fetch(listening.url, { headers: { ...asBrowser.headers, ...headers } })).status
    const authorization = `Bearer ${token}`
    expect([await status({}), await status({ authorization })]).toEqual([401, 403])
    expect(await status({ authorization, 'x-who': 'me' })).toBe(200)
  })

  it('runs its own script, shows its own style, and nothing else', async () => {
    const { call } = await served()
    const { headers } = await call('GET', '/', undefined, asBrowser)
    const policy = headers.get('content-security-policy') ?? ''
    const rules = new Map(
      policy.split('; ').map((rule) => rule.split(/ (.*)/s) as [string, string]),
    )
    expect(Object.fromEntries(rules)).toEqual({
      'default-src': "'none'",
      'script-src': hashOf('script type="module"', 'script'),
      'style-src': hashOf('style', 'style'),
      'connect-src': "'self'",
      'require-trusted-types-for': "'script'",
      'trusted-types': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    })
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(page).not.toMatch(/https?:\/\//)
  })

  it('X1: makes no markup of what it is told: text goes in as text', async () => {
    for (const path of globSync('page/*.ts', { cwd: fileURLToPath(new URL('.', import.meta.url)) }))
      expect(readFileSync(new URL(path, import.meta.url), 'utf8'), path).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|srcdoc|DOMParser|\beval\b|\bFunction\(|javascript:/,
      )
    const { call } = await served()
    const bad = '<script>alert(1)</script>'
    await call('POST', '/note', { bad })
    const answers = [
      await call('GET', '/note', undefined, asBrowser),
      await call('GET', `/${encodeURIComponent(bad)}`, undefined, asBrowser),
      await call('GET', `/?api=${encodeURIComponent(bad)}`, undefined, asBrowser),
      await call('GET', `/?api=keys&filter=${encodeURIComponent(bad)}`, undefined, asBrowser),
    ]
    for (const { headers } of answers) {
      expect(headers.get('content-type')).not.toMatch(/html/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})

/** Of what the page has between these tags. */
function hashOf(open: string, close: string): string {
  const text = page.split(`<${open}>`)[1]?.split(`</${close}>`)[0] ?? ''
  expect(page.split(`</${close}>`)).toHaveLength(2)
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
