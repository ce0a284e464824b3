import type { Conflict, Resolution } from '../../contracts/index.ts'

/** The resolution as it may be used; throws a `TypeError` that says what is wrong with it. */
export function checkResolution(resolution: unknown, { branches }: Conflict): Resolution {
  const { kind, winners, data, reason, reasons } = (resolution ?? {}) as Record<string, unknown>
  if (reasons !== undefined && !isTexts(reasons)) fail('`reasons` must be a list of strings')
  const told = reasons === undefined ? {} : { reasons: reasons as readonly string[] }
  switch (kind) {
    case 'keep':
      return { kind, winners: checkWinners(winners, branches.length), ...told }
    case 'merge':
      return { kind, data: asJson(data), ...told }
    case 'review':
      if (typeof reason !== 'string') fail('`reason` must be a string')
      return { kind, reason: reason as string }
    default:
      if (resolution instanceof Promise) {
        // Whatever it comes to, nobody waits for it.
        resolution.catch(() => {})
        fail('it must not be async: histories are folded without waiting')
      }
      return fail('it must have the kind keep, merge or review')
  }
}

function checkWinners(winners: unknown, count: number): readonly number[] {
  const isBranch = (at: unknown) =>
    Number.isInteger(at) && (at as number) >= 0 && (at as number) < count
  if (!Array.isArray(winners) || winners.length === 0 || !winners.every(isBranch))
    fail(`\`winners\` must be indexes of branches, at least one, each from 0 to ${count - 1}`)
  return [...new Set(winners as readonly number[])].toSorted((one, other) => one - other)
}

/** A copy: what a resolver keeps hold of must not change a history later. */
function asJson(data: unknown): unknown {
  const text = JSON.stringify(data)
  return text === undefined ? fail('`data` has no JSON form') : JSON.parse(text)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function fail(problem: string): never {
  throw new TypeError(`not a resolution: ${problem}`)
}
