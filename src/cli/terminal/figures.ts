/** Numbers as people read them. */

export function grouped(number: number | bigint): string {
  return groups.format(number)
}

/** `1 event`, `5 events`. */
export function counted(number: number | bigint, noun: string): string {
  return `${number} ${plural(number, noun)}`
}

export function plural(number: number | bigint, noun: string): string {
  return Number(number) === 1 ? noun : `${noun}s`
}

export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length)
  const value = bytes / 1024 ** power
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[power - 1]}`
}

export function durationText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1_000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

const groups = new Intl.NumberFormat('en-US')
const units = ['KiB', 'MiB', 'GiB', 'TiB']
