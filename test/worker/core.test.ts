import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { rolldown } from 'rolldown'
import { expect, it } from 'vitest'
import type { WorkerReport } from './core-in-worker.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

it('the core bundle imports nothing from Node and passes the store suite in a plain worker', async () => {
  const report = await runInWorker(await bundle())
  for (const name of nodeGlobals) expect(report.globals).not.toContain(name)
  expect(report.failures).toEqual([])
  expect(report.passed).toBeGreaterThan(150)
}, 60_000)

async function bundle(): Promise<string> {
  const build = await rolldown({
    input: here('./core-in-worker.ts'),
    platform: 'browser',
    // An import that can't be bundled would otherwise become an external one, with a warning.
    onLog: (_, log) => {
      throw new Error(log.message)
    },
    resolve: { alias: { 'node:assert/strict': here('./assert.ts') } },
    transform: { define: { 'process.env': '{}' } },
  })
  const { output } = await build.generate({ format: 'iife', name: 'core' })
  await build.close()
  expect(output).toHaveLength(1)
  expect(output[0].imports).toEqual([])
  return output[0].code
}

/** In a thread that has lost all that Node adds to what browsers' workers have. */
async function runInWorker(code: string): Promise<WorkerReport> {
  const boot = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { runInThisContext } = require('node:vm')
    new Response('', { headers: new Headers() }) // Node loads its own fetch, which uses Buffer, when first asked
    for (const name of workerData.nodeGlobals) delete globalThis[name]
    runInThisContext(workerData.code)
    runInThisContext('core').report().then((report) => parentPort.postMessage(report))
  `
  const worker = new Worker(boot, { eval: true, workerData: { code, nodeGlobals } })
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', resolve)
      worker.on('error', reject)
    })
  } finally {
    await worker.terminate()
  }
}

const nodeGlobals = ['process', 'Buffer', 'global', 'require', 'setImmediate', 'clearImmediate']
