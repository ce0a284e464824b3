import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Installed, installPackage, root } from './install.ts'

const folder = join(root, 'examples')
const examples = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'main.ts')))
let installed: Installed

beforeAll(async () => {
  installed = await installPackage()
  writeFileSync(join(installed.project, 'package.json'), '{"type":"module"}')
  cpSync(folder, join(installed.project, 'examples'), { recursive: true })
}, 120_000)

afterAll(() => installed.dispose())

describe('the examples', () => {
  it('are these', () => {
    expect(examples).toEqual([
      'conflict-resolution',
      'custom-events-filters',
      'device-settings',
      'edge-fleet',
      'events-and-storage',
      'http-client',
      'local-only',
      'projections',
      'realtime-autosync',
      'schema-evolution',
      'two-laptops',
    ])
  })

  it.each(examples)('%s prints what its readme says', (name) => {
    const readme = readFileSync(join(folder, name, 'readme.md'), 'utf8')
    expect(readme).toContain(`npm run example -- ${name}\n`)
    const promised = /^prints\n\n```text\n([\s\S]*?)```/m.exec(readme)?.[1]
    const main = join(installed.project, 'examples', name, 'main.ts')
    const printed = execFileSync(process.execPath, [main], {
      cwd: installed.project,
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect(printed).toBe(promised)
  })
})
