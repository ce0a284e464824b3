import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { Captured } from '../../../test/e2e/command-io.ts'
import { Output } from './output.ts'
import { Progress } from './progress.ts'

function shownAt(columns: number | undefined) {
  const terminal = new Captured(columns)
  let now = 0
  const progress = new Progress(new Output(terminal, {}), { monotonic: () => now })
  const line = () => stripVTControlCharacters(terminal.text).split('\r').at(-1)
  return { progress, terminal, line, wait: (ms: number) => (now += ms) }
}

it('shows nothing of work that is done before anybody could read it', () => {
  const { progress, terminal, wait } = shownAt(80)
  progress.show({ label: 'copying', done: 1, total: 2 })
  wait(149)
  progress.show({ label: 'copying', done: 2, total: 2 })
  progress[Symbol.dispose]()
  expect(terminal.text).toBe('')
})

it('draws at most ten times a second and takes itself away', () => {
  const { progress, terminal, line, wait } = shownAt(80)
  wait(200)
  progress.show({ label: 'copying', done: 1, total: 4, note: '1 of 4' })
  expect(line()).toBe(`copying  ${'━'.repeat(32)}   25 %  1 of 4`)
  wait(50)
  progress.show({ label: 'copying', done: 3, total: 4 })
  expect(line()).toMatch('25 %')
  wait(50)
  progress.show({ label: 'copying', done: 3, total: 4 })
  expect(line()).toMatch('75 %')
  progress[Symbol.dispose]()
  expect(terminal.text.endsWith('\r\x1b[2K')).toBe(true)
})

it('counts where nobody knows how much there will be', () => {
  const { progress, line, wait } = shownAt(80)
  wait(200)
  progress.show({ label: 'reading', done: 12_345, note: 'lines' })
  expect(line()).toBe('reading  12,345  lines')
})

it.each([10, 24, 30, 45, 200])('never fills a line of %i columns', (columns) => {
  const { progress, line, wait } = shownAt(columns)
  for (const total of [undefined, 100]) {
    wait(200)
    progress.show({ label: 'syncing', done: 99, note: 'sent 12,345', ...(total && { total }) })
    expect(line()?.length).toBeLessThan(columns)
  }
})

it('shows nothing where there is no terminal', () => {
  const { progress, terminal, wait } = shownAt(undefined)
  wait(1_000)
  progress.show({ label: 'copying', done: 1, total: 2 })
  progress[Symbol.dispose]()
  expect(terminal.text).toBe('')
})
