import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { longFiles } from './long-files.ts'

/**
 * Test files that may follow each other in one process, because they leave nothing behind in it, which
 * leaves-nothing.ts holds them to. Most of what a small file costs is a process of its own, and loading the same
 * sources into it.
 */
export function sharingFiles(root: string = join(import.meta.dirname, '..')): readonly string[] {
  const apart = [...longFiles, ...ofOneBuild]
  return globSync('{src,test}/**/*.test.ts', { cwd: root, exclude: apart })
    .filter((file) => mayShare(readFileSync(join(root, file), 'utf8')))
    .toSorted()
}

/** Whether a test of this text keeps to itself: what belongs to the process is neither changed nor measured. */
export function mayShare(text: string): boolean {
  return !ofItsProcess.test(text)
}

/** They have the package built for their project alone. */
const ofOneBuild = ['test/package/**']

const ofItsProcess = new RegExp(
  [
    String.raw`\bvi\.(?!fn|waitFor|waitUntil)`,
    String.raw`\bprocess\.(?:on|once|emit\w*|exit\w*|chdir|umask|std\w+|memoryUsage|env(?!\.REJOIN_))\b`,
    'globalThis',
    // Browsers' names, given to a library of theirs.
    'oooClient',
    // Watches all that is said to SQLite.
    'sqlite-files',
  ].join('|'),
)
