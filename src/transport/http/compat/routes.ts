import { Turns } from '../../remote/index.ts'
import type { Profile } from '../profile.ts'
import type { CompatContext } from './context.ts'
import { goFailure, namesGzip } from './go-answer.ts'
import { latestVersion, pull } from './pull.ts'
import { pullCursor } from './pull-cursor.ts'
import { push } from './push.ts'
import { streamRoute } from './stream.ts'

/** The profile that go-sync-kit's clients speak, unchanged; docs/protocol.md describes it. */
export function compatProfile(options: Omit<CompatContext, 'turns'>): Profile {
  const context = { ...options, turns: new Turns(mostPages) }
  const follow = streamRoute(context)
  return {
    routes: {
      push: { POST: (call) => push(context, call) },
      pull: { GET: (call) => pull(context, call) },
      'latest-version': { GET: (call) => latestVersion(context, call) },
      'pull-cursor': { POST: (call) => pullCursor(context, call) },
      sse: { GET: follow },
    },
    failure: goFailure,
    answersHead: false,
    acceptsGzip: namesGzip,
  }
}

/** Made at one time; others wait. */
const mostPages = 4
