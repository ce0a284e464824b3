/** The objects that the benchmarks of state serve: what a device says about itself. */
export function devicePath(device: number): string {
  return `devices/d${device}`
}

/** Some 100 bytes, another text for each `number`. */
export function deviceText(number: number): string {
  return JSON.stringify({
    number,
    on: number % 2 === 0,
    level: number % 100,
    name: 'device in the hall',
    note: 'x'.repeat(30),
  })
}
