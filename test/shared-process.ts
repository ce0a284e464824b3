import { globSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { longFiles } from './long-files.ts'

/** Rooms that know neither disk nor network. */
const rooms =
  'clock,conflict,contracts,errors,event,json,link,ports,rules-file,sync,testing,version'

/**
 * Test files that may follow each other in one process, because they leave nothing behind in it. Half of what a
 * small file costs is a process of its own, and loading the same sources into it.
 */
export function sharingFiles(root: string = join(import.meta.dirname, '..')): readonly string[] {
  return globSync(`src/{${rooms}}/**/*.test.ts`, { cwd: root })
    .filter((file) => !longFiles.some((pattern) => matchesGlob(file, pattern)))
    .filter((file) => mayShare(readFileSync(join(root, file), 'utf8')))
    .toSorted()
}

/** Whether a test of this text keeps to itself: no spies, no process, no threads, no sockets, no files that stay open. */
export function mayShare(text: string): boolean {
  return !ofItsProcess.test(text)
}

const ofItsProcess = new RegExp(
  [
    String.raw`\bvi\.(?!fn|waitFor|waitUntil)`,
    String.raw`\bprocess\.(?!env\.REJOIN_)`,
    'globalThis',
    "'node:(?!fs|os|path|url|crypto|util|assert|timers)",
    String.raw`(?:[hH]ttp|[wW]ebSocket)\w*\(`,
    'transport/(?:http|web)',
    String.raw`127\.0\.0\.1`,
    'SqliteStore',
  ].join('|'),
)
