import { unwantedSecret } from '../../errors/check.ts'

/** What fetch takes, where there are types of browsers and where there are none. */
export type GivenHeaders = NonNullable<ConstructorParameters<typeof Headers>[0]>

/**
 * Headers as an application gives them. Throws `invalid_argument` for what no header can be: without the
 * value, and without the cause that repeats it, because it may be a secret.
 */
export function headersOf(given: GivenHeaders | undefined): Headers {
  if (typeof given === 'string' || given === null) throw refused(given)
  try {
    return new Headers(given)
  } catch {
    throw refused(given)
  }
}

function refused(given: unknown): Error {
  const wanted = 'headers as fetch takes them, with valid names and values'
  return unwantedSecret('headers', given, wanted, {
    operation: 'open',
    component: 'transport/http',
  })
}

/** The bearer token among them; empty when there is none. */
export function bearerIn(headers: GivenHeaders | undefined): string {
  return /^bearer +(.+)$/i.exec(new Headers(headers).get('authorization') ?? '')?.[1] ?? ''
}
