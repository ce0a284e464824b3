import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runHere } from '../../../test/e2e/command-io.ts'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'
import { defineRules } from '../../conflict/index.ts'

function file(text: string): string {
  const path = join(tempFolder(), 'rules.yaml')
  writeFileSync(path, text)
  return path
}

describe('rules', () => {
  it('prints the hash that nodes with these rules have', async () => {
    const off = 'groups: [{ name: g, enabled: false }]'
    const path = file(`rules: [{ name: a, when: always, resolve: mine }]\n${off}`)
    const { hash } = defineRules({
      rules: [{ name: 'a', when: 'always', resolve: 'mine' }],
      resolvers: { mine: () => ({ kind: 'keep', winners: [0] }) },
    })
    const ran = await runHere(['rules', '--check', path, '--registered', 'mine'])
    expect(ran).toEqual({ code: 0, stdout: `ok: 1 rule, hash ${hash}\n`, stderr: '' })
  })

  it('tells what is wrong as a compiler does, all of it', async () => {
    const path = file('rulez: []\nfallback: "ww\\u001b[1m"\n')
    const ran = await runHere(['rules', '--check', path])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    const lines = ran.stderr.split('\n')
    expect(lines[0]).toContain(`${path}:1:1: unknown key "rulez"`)
    expect(lines[1]).toMatch(/rules\.yaml:2:11: fallback can't be "ww\\u001b\[1m"/)
    expect(lines.slice(2)).toEqual(['2 errors', ''])
  })

  it('warns of rules that never decide; that a group is disabled is only noted', async () => {
    const dead = { name: 'b', when: 'always', resolve: 'additive' }
    const all = { ...dead, name: 'a' }
    const warned = await runHere(['rules', '--check', file(JSON.stringify({ rules: [all, dead] }))])
    expect(warned).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^1 warning: 2 rules, hash /),
    })
    expect(warned.stderr).toMatch(/rules\.yaml:1:\d+: warning: the rule "b" is never asked/)
    const off = { groups: [{ name: 'off', enabled: false, rules: [all] }] }
    const noted = await runHere(['rules', '--check', file(JSON.stringify(off))])
    expect(noted).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok: 1 rule, hash /) })
    expect(noted.stderr).toMatch(/: note: the rule "off.a" is never asked/)
  })

  it('takes functions from a module of the application, and names what is missing', async () => {
    const path = file('rules: [{ name: a, when: { custom: isLarge }, resolve: mine }]\n')
    const module = (text: string, name = 'resolvers.ts') => {
      const at = join(tempFolder(), name)
      writeFileSync(at, text)
      return at
    }
    const check = (...args: string[]) => runHere(['rules', '--check', path, ...args])
    const mine = "const mine = (): object => ({ kind: 'keep', winners: [0] })\n"
    const both = module(
      `${mine}export const resolvers = { mine }\nexport const conditions = { isLarge: () => true }\n`,
    )
    const ok = await check('--resolvers', both)
    expect(ok).toMatchObject({ code: 0, stderr: '' })
    const named = await check('--registered', 'mine', '--registered', 'isLarge')
    expect(ok.stdout).toBe(named.stdout)
    const byDefault = module(
      `${mine}export default { resolvers: { mine }, conditions: { isLarge: () => true } }\n`,
    )
    expect(await check('--resolvers', byDefault)).toEqual(ok)
    const half = await check('--resolvers', module(`${mine}export const resolvers = { mine }\n`))
    expect(half).toMatchObject({ code: 1, stdout: '' })
    expect(half.stderr).toMatch(/:1:\d+: custom can't be "isLarge": no conditions are registered/)

    const refusals: readonly [string, RegExp][] = [
      [join(tempFolder(), 'gone.ts'), /there is no module .*gone\.ts$/],
      [tempFolder(), /is a folder; name a module in it$/],
      [module('export const resolvers = (', 'broken.mjs'), /broken\.mjs can't be loaded: /],
      [module('throw new Error("no key")'), /can't be loaded: no key$/],
      [
        module('export const resolver = {}'),
        /must export at least one of resolvers, conditions, conflictKeys: an object .*; it exports resolver$/,
      ],
      [module('export {}'), /; it exports nothing by name$/],
      [module('export const resolvers = () => 1'), /: resolvers must be an object of functions/],
      [
        module('export const resolvers = { mine: 7 }'),
        /resolvers\.ts: resolvers\.mine must be a resolver or a function/,
      ],
    ]
    for (const [at, said] of refusals) {
      const refused = await check('--resolvers', at, '--registered', 'isLarge')
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr.trimEnd()).toMatch(said)
    }
  })

  it('needs a file that is there', async () => {
    expect(await runHere(['rules'])).toMatchObject({ code: 2 })
    const ran = await runHere(['rules', '--check', join(tempFolder(), 'gone.yaml')])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^rejoin rules: the file of rules .*gone\.yaml is not there\n$/)
  })
})
