/** Numbers as people read them. */

export function grouped(number: number | bigint): string {
  return number.toLocaleString('en-US')
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

/** The two greatest units of a time that has several; what is rounded up goes on to the next one. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 59_950) return `${(milliseconds / 1_000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1_000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  const hours = Math.round(minutes / 60)
  return `${counted(Math.floor(hours / 24), 'day')} ${hours % 24} h`
}

const units = ['KiB', 'MiB', 'GiB', 'TiB']
