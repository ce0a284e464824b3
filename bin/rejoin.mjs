#!/usr/bin/env node
// Plain JavaScript that old versions of Node can run as well, so that they can say what is missing.
import { existsSync } from 'node:fs'
import module from 'node:module'

if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(
    `rejoin needs Node 24 or newer; this is Node ${process.versions.node}. Install one from https://nodejs.org`,
  )
  process.exit(1)
}

silenceExperimentalWarnings()
// Halves the time of a start, once it has been started before.
module.enableCompileCache()
// Only the repository has src/; there it wins, because dist/ may be older than the last edit.
const source = new URL('../src/cli/main.ts', import.meta.url)
const built = new URL('../dist/cli/main.js', import.meta.url)
await import(existsSync(source) ? source.href : built.href)

/** Early releases of Node 24 announce node:sqlite and type stripping as experimental at each start. */
function silenceExperimentalWarnings() {
  const emitWarning = process.emitWarning
  process.emitWarning = (/** @type {any[]} */ ...args) => {
    const [warning, options] = args
    const type = warning?.name ?? options?.type ?? options
    if (type === 'ExperimentalWarning' && /SQLite|Type Stripping/i.test(String(warning))) return
    Reflect.apply(emitWarning, process, args)
  }
}
