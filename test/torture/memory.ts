import { existsSync, readFileSync } from 'node:fs'

export interface Memory {
  /** Bytes now. */
  readonly resident: number
  /** The most it ever was, in bytes. */
  readonly peak: number
}

/** This process's memory. Where the system keeps the peak it is exact; elsewhere the present stands in. */
export function memory(): Memory {
  const resident = process.memoryUsage.rss()
  // Not resourceUsage(): its peak includes the parent's memory before the process became its own.
  const status = existsSync(statusFile) ? readFileSync(statusFile, 'utf8') : ''
  const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
  return { resident, peak: Math.max(resident, peak) }
}

const statusFile = '/proc/self/status'
