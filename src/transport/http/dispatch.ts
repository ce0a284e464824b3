import { text, type Where } from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import type { Verdict } from './problem.ts'
import type { Profile } from './profile.ts'
import type { Methods, Route } from './route.ts'

/** Whose path this is; nobody's is refused as go-sync-kit refuses it, where that is served. */
export function destination(
  pathname: string,
  base: string,
  native: Profile,
  compat: Profile | undefined,
): { readonly profile: Profile; readonly methods?: Methods | undefined } {
  const path = pathname.startsWith(`${base}/`) ? pathname.slice(base.length + 1) : ''
  if (Object.hasOwn(native.routes, path)) return { profile: native, methods: native.routes[path] }
  if (compat === undefined) return { profile: native }
  // Go's handler, mounted at the root, takes its paths with and without this prefix.
  const bare = base === '' && path.startsWith('sync/') ? path.slice(5) : path
  const methods = Object.hasOwn(compat.routes, bare) ? compat.routes[bare] : undefined
  return { profile: compat, methods }
}

/** What answers a method of a path, or the refusal. */
export function routeFor(
  { answersHead, allowed }: Profile,
  methods: Methods | undefined,
  method: string,
): Route | Verdict {
  if (methods === undefined)
    return { status: 404, said: { code: 'not_found', message: 'not found' } }
  const name = method === 'HEAD' && answersHead ? 'GET' : method
  const route = Object.hasOwn(methods, name) ? methods[name] : undefined
  if (route !== undefined) return route
  const said = { code: 'invalid_argument', message: 'method not allowed' } as const
  return { status: 405, said, ...(allowed && { headers: { allow: allowed(methods) } }) }
}

/** The path a log is mounted at, without a slash at its end; throws `invalid_argument` for what is none. */
export function basePath(base: string, where: Where): string {
  if (base !== '') text('base', base, where)
  const path = base.replace(/\/+$/, '')
  if (path === '' || /^(\/[A-Za-z0-9._~-]+)+$/.test(path)) return path
  throw new RejoinError(
    'invalid_argument',
    `base must be a path to mount a log at, not "${base}"`,
    {
      ...where,
      details: { base },
    },
  )
}
