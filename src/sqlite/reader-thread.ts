import { Worker } from 'node:worker_threads'
import { RejoinError } from '../errors/index.ts'
import type { ReadingWay } from './frozen.ts'
import type { Schema } from './schema.ts'
import { revive, type Thrown } from './thrown.ts'

/** What a thread runs: a function of a module that calls `serveReads`. */
export interface ReaderEntry {
  /** The module's own `import.meta.url`: TypeScript here, JavaScript in the package. */
  readonly module: string
  /** The name it exports the function under. */
  readonly serve: string
}

/** What a thread is told at its start: the file, and how to open it. */
export interface ReaderSeat {
  readonly path: string
  readonly way: ReadingWay
  readonly cacheBytes: number
  readonly schema: Schema
}

/** One thing to read. */
export interface Question {
  readonly request: unknown
  /** Which file it has to be read from: see `identityOf`. */
  readonly identity: string
}

/** A thread answers one question after the other; the last thing it is told is `end`. */
export type Told = Question | 'end'
export type Answered = { readonly value: unknown } | { readonly thrown: Thrown }

/**
 * A thread with a connection of its own, which reads one thing at a time. It keeps the process alive only
 * while somebody waits for it.
 *
 *     idle --ask--> reading --answer--> idle
 *       |              |
 *       +--------------+-- crash: what was asked rejects, `gone` is called
 */
export class ReaderThread {
  readonly #worker: Worker
  readonly #ended: Promise<void>
  #reading: { resolve(value: unknown): void; reject(error: unknown): void } | undefined
  #fault: unknown

  constructor(entry: ReaderEntry, seat: ReaderSeat, gone: (thread: ReaderThread) => void) {
    this.#worker = new Worker(script, {
      eval: true,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      workerData: { entry, seat },
    })
    this.#worker.on('message', (answer: Answered) => this.#answered(answer))
    this.#worker.on('messageerror', (error) => this.#fail(error))
    this.#worker.on('error', (error) => {
      this.#fault = error
    })
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        gone(this)
        this.#fail(this.#fault)
        resolve()
      })
    })
    this.#worker.unref()
  }

  /** Rejects with what reading threw; and with `storage_io`, to be tried again, when the thread breaks. */
  ask(question: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(question satisfies Told)
      this.#reading = { resolve, reject }
      this.#worker.ref()
    })
  }

  /** Once it has nothing to do; resolves when its connection is closed. */
  end(): Promise<void> {
    this.#worker.ref()
    this.#worker.postMessage('end' satisfies Told)
    return this.#ended
  }

  #answered(answer: Answered): void {
    const reading = this.#rest()
    if ('value' in answer) reading?.resolve(answer.value)
    else reading?.reject(revive(answer.thrown))
  }

  #fail(cause: unknown): void {
    this.#rest()?.reject(brokenOff(cause))
  }

  #rest() {
    const reading = this.#reading
    this.#reading = undefined
    this.#worker.unref()
    return reading
  }
}

function brokenOff(cause: unknown): RejoinError {
  const why = cause instanceof Error ? ` (${cause.message})` : ''
  const message = `the thread that was reading broke off${why}; another takes its place. Try again`
  return new RejoinError('storage_io', message, {
    operation: 'read',
    component: 'sqlite',
    retryable: true,
    cause,
  })
}

/**
 * From source, Node strips the types with WebAssembly in every thread: half of its start, and V8 has been seen
 * to crash where many threads with WebAssembly come and go. So what was stripped once is kept.
 */
const script = `const { entry } = require('node:worker_threads').workerData
const { enableCompileCache, flushCompileCache } = require('node:module')
if (entry.module.endsWith('.ts')) enableCompileCache()
import(entry.module).then((room) => {
  flushCompileCache()
  room[entry.serve]()
})`
