import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstWriteWins, openState } from '../../src/state/index.ts'
import { SqliteStateStorage, SqliteStore } from '../../src/store/sqlite/index.ts'
import { stateMigrations } from '../../src/store/sqlite/state/schema.ts'

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const versions = stateMigrations.map((_, at) => at + 1)
let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-schema-'))
  path = join(folder, 'state.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe.each(versions)('a file of state of schema version %i', (version) => {
  const left = JSON.parse(readFileSync(fixture(`state-${version}.json`), 'utf8'))
  const open = () => {
    cpSync(fixture(`state-${version}.db`), path)
    return SqliteStateStorage.open({ path, policies: { 'claims/*': firstWriteWins } })
  }

  it('L1, T4: opens with all that it was left with, digit for digit', async () => {
    await using storage = await open()
    const { rows, horizon } = await storage.feed()
    const { node, origin } = await storage.identity()
    expect({ node, origin, horizon: String(horizon) }).toEqual({
      node: left.node,
      origin: left.origin,
      horizon: left.horizon,
    })
    expect(
      rows.map(({ path, created, updated, dataText, note, position }) => ({
        path,
        created: String(created),
        updated: String(updated),
        dataText,
        note,
        position: String(position),
      })),
    ).toEqual(left.rows.map(({ via: _, ...row }: { via: unknown }) => row))
    const link = await storage.link('there~0123456789abcdef' as never)
    expect(link.pulled).toBe('AAAAAAAAAAAAAAAA.7.')
    expect(link.parked).toHaveLength(1)
    const { found } = await storage.rows(['users/2'])
    expect(found[0]?.row).toBeUndefined()
    expect(found[0]?.collected).toBeGreaterThan(0n)
    const late = await storage.late()
    expect(late.map(({ change }) => change.path)).toEqual(version < 2 ? [] : [left.late])
  })

  it('T2: keeps its tombstones until the horizon, as it has read from others', async () => {
    await using storage = await open()
    await storage.resetLink('there~0123456789abcdef' as never)
    const { origin, end } = await storage.identity()
    for (const peer of ['there', 'reader']) {
      const known = { received: '' as never, pulled: end, sequence: 0n, ids: [] }
      await storage.confirm(`${peer}~0123456789abcdef` as never, origin, known)
    }
    const sweep = { minimumAge: 1, horizon: 1e12 }
    expect(await storage.sweep(sweep)).toMatchObject({ dropped: 0, more: false })
  })

  it('is written on', async () => {
    await using state = await openState({ storage: await open() })
    expect(await state.set('claims/a', 'third')).toMatchObject({ kind: 'kept' })
    const { object } = (await state.set('users/2', 'new')) as { object: { created: bigint } }
    const { found } = await state.replica().rows(['users/9'])
    expect(object.created > (found[0]?.collected ?? 0n)).toBe(true)
  })
})

describe('a file of the other kind', () => {
  it('is refused, whichever way round', async () => {
    await (await SqliteStore.open({ path })).close()
    await expect(SqliteStateStorage.open({ path })).rejects.toMatchObject({
      code: 'storage_foreign',
    })
    const other = join(folder, 'other.db')
    await (await SqliteStateStorage.open({ path: other })).close()
    await expect(SqliteStore.open({ path: other })).rejects.toMatchObject({
      code: 'storage_foreign',
    })
  })

  it('a newer one is, too', async () => {
    cpSync(fixture('state-1.db'), path)
    const { DatabaseSync } = await import('node:sqlite')
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 99')
    db.close()
    await expect(SqliteStateStorage.open({ path })).rejects.toMatchObject({ code: 'storage_newer' })
  })
})
