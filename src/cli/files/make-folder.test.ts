import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'
import { makeFolder } from './make-folder.ts'

it('a folder is made with those above it, by several at once, and again', async () => {
  const folder = join(tempFolder(), 'a', 'b', 'c')
  await Promise.all([makeFolder(folder), makeFolder(folder), makeFolder(join(folder, 'd'))])
  await makeFolder(folder)
  expect(statSync(join(folder, 'd')).isDirectory()).toBe(true)
})

it('a file in the way is named', async () => {
  const file = join(tempFolder(), 'file')
  writeFileSync(file, '')
  await expect(makeFolder(file)).rejects.toThrow('a file has this name; choose another')
  await expect(makeFolder(join(file, 'x', 'y'))).rejects.toThrow('a part of the path is a file')
})

it('where no folder can be made, that is said and not tried for ever', async ({ skip }) => {
  skip(!existsSync('/proc/self'), 'only Linux has /proc')
  await expect(makeFolder('/proc/rejoin/data')).rejects.toMatchObject({
    code: 'storage_readonly',
    message:
      "can't make the folder /proc/rejoin/data: no folder can be made there; choose another with --data",
  })
})
