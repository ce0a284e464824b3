import { misuse } from '../misuse.ts'

/** One option of a command: the help, the checks and the value's type come from here. */
export interface Option<T> {
  /** Stands for the value in the help; absent for a switch. */
  readonly value?: string
  readonly help: string
  readonly required?: true
  readonly repeatable?: true
  /** Makes the value from what was given, in order; throws misuse. */
  read(given: readonly string[], name: string): T
}

// biome-ignore lint/suspicious/noExplicitAny: each option has a value type of its own
export type Options = Readonly<Record<string, Option<any>>>

export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never
}

/** Reads one value; throws a `Wrong` that says what it must be. */
export type Reader<T> = (text: string) => T

export function flag(help: string): Option<boolean> {
  return { help, read: (given) => given.length > 0 }
}

export function required<T>(value: string, help: string, reader: Reader<T>): Option<T> {
  return {
    value,
    help,
    required: true,
    read(given, name) {
      const text = given.at(-1)
      if (text === undefined) throw misuse(`--${name} ${value} is missing`)
      return checked(name, text, reader)
    },
  }
}

export function optional<T>(value: string, help: string, reader: Reader<T>): Option<T | undefined> {
  return {
    value,
    help,
    read(given, name) {
      const text = given.at(-1)
      return text === undefined ? undefined : checked(name, text, reader)
    },
  }
}

export function defaulted<T>(
  value: string,
  help: string,
  fallback: string,
  reader: Reader<T>,
): Option<T> {
  return {
    value,
    help: `${help} (default ${fallback})`,
    read: (given, name) => checked(name, given.at(-1) ?? fallback, reader),
  }
}

export function repeated<T>(value: string, help: string, reader: Reader<T>): Option<readonly T[]> {
  return {
    value,
    help,
    repeatable: true,
    read: (given, name) => given.map((text) => checked(name, text, reader)),
  }
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Reader<T> {
  return (text) => {
    const found = allowed.find((one) => one === text)
    if (found === undefined) throw new Wrong(`must be ${allowed.join(', ')}`)
    return found
  }
}

/** What is wrong with a value: `must be …`. A secret is not repeated in the message. */
export class Wrong extends Error {
  readonly isSecret: boolean

  constructor(message: string, isSecret = false) {
    super(message)
    this.isSecret = isSecret
  }
}

function checked<T>(name: string, text: string, reader: Reader<T>): T {
  try {
    return reader(text)
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    throw misuse(`--${name} ${error.message}${error.isSecret ? '' : `, not "${text}"`}`)
  }
}
