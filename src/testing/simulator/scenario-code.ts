import type { SimulationOptions, SimulationRun } from './simulation.ts'

/** A test that runs the same world again, to be pasted: it fails until the fault is mended. */
export function testCode(
  { seed, scenario, finding }: SimulationRun,
  given: SimulationOptions = {},
): string {
  const named = (['application', 'plant'] as const).filter((name) => given[name] !== undefined)
  const fields = Object.entries(scenario).map(([name, value]) => `      ${name}: ${code(value)},`)
  return [
    `it('${finding?.invariant ?? 'all'}: holds in the world of seed ${seed}', async () => {`,
    `  const run = await simulate(${seed}, {`,
    ...named.map((name) => `    ${name},`),
    '    scenario: {',
    ...fields,
    '    },',
    '  })',
    '  expect(run.finding).toBeUndefined()',
    '})',
  ].join('\n')
}

function code(value: unknown): string {
  if (value instanceof Map) return value.size === 0 ? 'new Map()' : `new Map(${code([...value])})`
  if (Array.isArray(value)) return `[${value.map(code).join(', ')}]`
  if (typeof value === 'string') return `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`
  if (typeof value === 'function') return `${String(value)} /* and what it closes over */`
  if (typeof value !== 'object' || value === null) return String(value)
  const fields = Object.entries(value).map(([name, one]) => `${name}: ${code(one)}`)
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}
