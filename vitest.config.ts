import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { DocsReporter } from './test/docs-reporter.ts'
import { longFiles, measured } from './test/long-files.ts'
import { sharingFiles } from './test/shared-process.ts'
import { SkipReporter } from './test/skip-reporter.ts'

const src = fileURLToPath(new URL('./src', import.meta.url))
const cache = fileURLToPath(new URL('./node_modules/.cache/node', import.meta.url))
const sharing = sharingFiles()
const isFull = process.env.REJOIN_TORTURE === 'full'

export default defineConfig({
  resolve: {
    // Tests and documentation snippets may import the package by its published names.
    alias: [
      { find: /^rejoin$/, replacement: `${src}/sync/index.ts` },
      { find: /^rejoin\/(.+)$/, replacement: `${src}/$1/index.ts` },
    ],
  },
  test: {
    reporters: ['default', 'json', new SkipReporter(), new DocsReporter()],
    outputFile: { json: '.reports/vitest.json' },
    setupFiles: ['test/seed.ts', 'test/patience.ts'],
    expect: { poll: { timeout: 30_000 } },
    // Vitest would leave one core free.
    maxWorkers: '100%',
    // For the processes that tests start: most of their time went into compiling the same files again.
    env: { NODE_COMPILE_CACHE: cache },
    // What hangs is to end; how long anything takes on a busy machine is not judged here.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      reportsDirectory: '.reports/coverage',
      reporter: ['text-summary', 'json-summary', 'html'],
      include: ['src/**/*.ts'],
      exclude: [
        'src/**/*.test.ts',
        // Only ever runs as a child process, whose coverage is not collected: it hands
        // argv, streams and signals to the (covered) command line and sets the exit code.
        'src/cli/main.ts',
        // Worlds take their time: they run apart, where nothing is collected.
        'src/testing/simulator/**',
      ],
      thresholds: { lines: 90, branches: 90 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...longFiles, ...sharing],
          globalSetup: 'test/package/package-folder.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'together',
          include: [...sharing],
          isolate: false,
          setupFiles: 'test/leaves-nothing.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'torture',
          include: [...longFiles],
          exclude: [...configDefaults.exclude, ...measured],
        },
      },
      {
        extends: true,
        test: {
          name: 'measured',
          include: [...measured],
          sequence: { groupOrder: isFull ? 1 : 0 },
        },
      },
    ],
  },
})
