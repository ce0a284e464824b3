import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { failure } from '../misuse.ts'

/** Makes a folder, and those above it, unless it is there. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeWithParents(resolve(folder))
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message
    throw failure(
      'storage_readonly',
      `can't make the folder ${folder}: ${reason}; choose another with --data`,
      error,
    )
  }
}

/** Node's own recursion never ends where a folder is there and lets nothing be made in it, as /proc. */
async function makeWithParents(folder: string): Promise<void> {
  if ((await kindOf(folder)) === 'folder') return
  const parent = dirname(folder)
  if (parent !== folder && (await kindOf(parent)) === 'nothing') await makeWithParents(parent)
  try {
    await mkdir(folder)
  } catch (error) {
    // Somebody else may have been faster.
    if ((await kindOf(folder)) !== 'folder') throw error
  }
}

async function kindOf(path: string): Promise<'nothing' | 'folder' | 'file'> {
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined) return 'nothing'
  return stats.isDirectory() ? 'folder' : 'file'
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  EEXIST: 'a file has this name',
  ENOTDIR: 'a part of the path is a file',
  ENOENT: 'no folder can be made there',
  ENOSPC: 'the disk is full',
}
