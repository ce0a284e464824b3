import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { systemRuntime } from '../../runtime/index.ts'
import { Spool } from './spool.ts'

/** Where the next append to a store spools its input: beside it, so that it is found again. */
export function spoolPath(store: string): string {
  return `${prefix(store)}${Buffer.from(systemRuntime.randomBytes(6)).toString('hex')}`
}

/** Whether a file may be a spool at all; nothing else is ever opened as one. */
export function isSpoolPath(path: string): boolean {
  return /\.append-[0-9a-f]{12}$/.test(path)
}

/** Sealed spools of appends to this store that were cut short. */
export async function leftSpools(store: string): Promise<readonly string[]> {
  const left: string[] = []
  for (const path of await candidates(store)) {
    const spool = Spool.adopt(path)
    if (!(spool instanceof Spool)) continue
    spool.close()
    left.push(path)
  }
  return left
}

/** Takes over the spool that an interrupted append of the same input left behind. */
export async function leftSpoolOf(store: string, digest: string): Promise<Spool | undefined> {
  for (const path of await candidates(store)) {
    const spool = Spool.adopt(path)
    if (!(spool instanceof Spool)) continue
    if (spool.digest === digest) return spool
    spool.close()
  }
  return undefined
}

/** Removes what crashed appends left behind before they had stored anything. */
export async function removeUnsealed(store: string): Promise<void> {
  for (const path of await candidates(store)) {
    const spool = Spool.adopt(path)
    if (spool instanceof Spool) spool.close()
    else if (spool === 'unsealed') await rm(path, { force: true })
  }
}

async function candidates(store: string): Promise<readonly string[]> {
  const begin = basename(prefix(store))
  const found: string[] = []
  for (const name of await readdir(dirname(store))) {
    const path = join(dirname(store), name)
    if (!name.startsWith(begin) || !isSpoolPath(name)) continue
    // An empty one may be in the making: its maker does not hold the lock yet.
    const made = await stat(path).then(
      ({ size }) => size > 0,
      () => false,
    )
    if (made) found.push(path)
  }
  return found
}

function prefix(store: string): string {
  return `${store}.append-`
}
