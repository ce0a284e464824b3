import { onTestFinished, vi } from 'vitest'
import { systemRuntime } from '../../src/runtime/index.ts'

/** Lets a test move this process's monotonic clock ahead instead of waiting. */
export function skippableTime(): (ms: number) => void {
  const { monotonic } = systemRuntime
  let skipped = 0
  const spy = vi.spyOn(systemRuntime, 'monotonic').mockImplementation(() => monotonic() + skipped)
  onTestFinished(() => spy.mockRestore())
  return (ms) => {
    skipped += ms
  }
}
