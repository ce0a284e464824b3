/** What the suite uses of `node:assert/strict`, for where there is no Node. */
export function ok(value: unknown): void {
  if (!value) throw new Error(`expected something true, got ${show(value)}`)
}

export function strictEqual(actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected))
    throw new Error(`expected ${show(expected)}, got ${show(actual)}`)
}

export function notStrictEqual(actual: unknown, other: unknown): void {
  if (Object.is(actual, other)) throw new Error(`expected anything but ${show(other)}`)
}

export function deepStrictEqual(actual: unknown, expected: unknown): void {
  if (!same(actual, expected)) throw new Error(`expected ${show(expected)}, got ${show(actual)}`)
}

/** With this very error, with a message like that, or with these properties. */
export async function rejects(
  promise: Promise<unknown>,
  wanted: Error | RegExp | Readonly<Record<string, unknown>>,
): Promise<void> {
  const [outcome] = await Promise.allSettled([promise])
  if (outcome.status === 'fulfilled')
    throw new Error(`expected an error, got ${show(outcome.value)}`)
  if (!fits(outcome.reason, wanted))
    throw new Error(`expected another error than ${String(outcome.reason)}`)
}

function fits(error: unknown, wanted: Error | RegExp | Readonly<Record<string, unknown>>): boolean {
  if (wanted instanceof Error) return error === wanted
  if (wanted instanceof RegExp) return wanted.test(String(error))
  return Object.entries(wanted).every(([name, value]) =>
    same((error as Record<string, unknown>)[name], value),
  )
}

function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return false
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && same(one[key as never], other[key as never]))
  )
}

function show(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ??
    String(value)
  )
}
