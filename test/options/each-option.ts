import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** Shows that one option does what it says, on what `make` makes of options. Fails when it is ignored. */
export type OptionTest<Options, Made> = (make: (options: Options) => Made) => Promise<void>

/**
 * A test for every option there is: the compiler refuses a table with a hole. Each one runs on the real
 * thing, and then on one that ignores the option, where it must fail. `section` of docs/options.md names it. A name
 * that is none of them is refused.
 */
export function testEachOption<Options extends object, Made>(
  tests: Readonly<Record<keyof Options, OptionTest<Options, Made>>>,
  { section, make }: { readonly section: string; readonly make: (options: Options) => Made },
): void {
  const explained = sectionOf(section)
  for (const name of Object.keys(tests) as (keyof Options & string)[]) {
    it(`“${name}” does what it says`, () => tests[name](make))
    it(`“${name}” is in docs/options.md`, () => {
      expect(explained).toMatch(new RegExp(`^\\|[^|]*\`${name}\``, 'm'))
    })
    it(`“${name}”, ignored, fails its test`, async () => {
      const ignoring = (options: Options) => make({ ...without(options, name) } as Options)
      patience = brief
      await expect(tests[name](ignoring))
        .rejects.toThrow()
        .finally(() => {
          patience = long
        })
    })
    it(`“${name}”, misspelt, is refused by its name`, () =>
      expect(refusalOf(make, `${name}${name.at(-1)}`)).resolves.toContain(
        `unknown option \`${name}${name.at(-1)}\`: did you mean \`${name}\`?`,
      ))
  }
  it.each(['constructor', '__proto__', 'toString'])('“%s” is a name like any other', (name) =>
    expect(refusalOf(make, name)).resolves.toContain(`unknown option \`${name}\`: `),
  )
}

/** What is said to one option of that name. */
async function refusalOf(make: (options: never) => unknown, name: string): Promise<string> {
  try {
    await make(JSON.parse(`{ "${name}": 1 }`) as never)
  } catch (error) {
    return String(error)
  }
  return 'it is taken'
}

function without<Options extends object>(options: Options, name: string): Partial<Options> {
  return Object.fromEntries(
    Object.entries(options).filter(([key]) => key !== name),
  ) as Partial<Options>
}

/** What a promise comes to; fails when it is still pending after a while. */
export async function soon<T>(promise: Promise<T>): Promise<T> {
  let isPending = true
  const settled = () => {
    isPending = false
  }
  promise.then(settled, settled)
  await eventually(() => !isPending)
  return promise
}

/** Lets the event loop turn until it is so; fails when that takes too long. */
export async function eventually(isSo: () => boolean): Promise<void> {
  const end = performance.now() + patience
  for (let turn = 0; !isSo() && (turn < 50 || performance.now() < end); turn++)
    await new Promise((next) => setImmediate(next))
  expect(isSo(), 'it does not happen').toBe(true)
}

/** Milliseconds. What works has as long as a busy machine takes; what is ignored never comes. */
const [long, brief] = [30_000, 50]
let patience = long

function sectionOf(title: string): string {
  const page = readFileSync(new URL('../../docs/options.md', import.meta.url), 'utf8')
  const found = page.split(/^## /m).find((section) => section.startsWith(`${title}\n`))
  if (found === undefined) throw new Error(`docs/options.md has no section "${title}"`)
  return found
}
