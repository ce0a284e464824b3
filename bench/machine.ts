import { statfsSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, platform, release, tmpdir, totalmem } from 'node:os'
import { DatabaseSync } from 'node:sqlite'

/** Where and when figures were taken. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly node: string
  readonly sqlite: string
  /** Flushes cost nothing on a disk that is memory: figures at `full` say nothing there. */
  readonly isMemoryDisk: boolean
  readonly date: string
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown cpu',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${platform()} ${release().split('-')[0]}`,
    node: process.version,
    sqlite: sqliteVersion(),
    isMemoryDisk: isTmpfs(process.env.REJOIN_BENCH_DIR ?? tmpdir()),
    date: new Date().toISOString().slice(0, 10),
  }
}

/** Processes that wanted to run in the last minute. */
export function currentLoad(): number {
  return loadavg()[0] as number
}

export function machineLine(machine: Machine): string {
  const { cpu, cores, memoryBytes, system, node, sqlite, isMemoryDisk, date } = machine
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`
  const disk = isMemoryDisk ? ', files in memory' : ''
  return `${date}: ${cpu}, ${cores} cores, ${memory}, ${system}, node ${node.slice(1)}, SQLite ${sqlite}${disk}`
}

function sqliteVersion(): string {
  const db = new DatabaseSync(':memory:')
  const version = db.prepare('SELECT sqlite_version() AS version').get()?.version
  db.close()
  return String(version)
}

function isTmpfs(folder: string): boolean {
  return statfsSync(folder).type === 0x0102_1994
}
