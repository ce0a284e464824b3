import type { z } from 'zod'
import { RejoinError } from '../../errors/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { addressOf } from '../../transport/http/address.ts'
import { Exchange } from '../../transport/http/exchange.ts'
import { jsonType } from '../../transport/http/media.ts'
import { readJson } from '../../transport/http/read-answer.ts'
import { failure } from '../misuse.ts'
import { type ToldPromotion, type ToldStatus, toldPromotion, toldStatus } from './told-status.ts'

/** What a server of a cluster is asked by who looks after it. Rejects as transports do. */
export interface ClusterCalls extends AsyncDisposable {
  status(signal: AbortSignal): Promise<ToldStatus>
  /** It leads these keys from now on, or all that it has. */
  promote(keys: readonly string[] | undefined, signal: AbortSignal): Promise<ToldPromotion>
}

export function clusterCalls(
  url: string,
  token: string | undefined,
  runtime: Runtime = systemRuntime,
): ClusterCalls {
  const address = addressOf(url, '/_rejoin')
  const exchange = new Exchange({
    address,
    fetch,
    headers: token === undefined ? undefined : { authorization: `Bearer ${token}` },
    limits: { bodyBytes: mostBytes, unpackedBytes: mostBytes },
    compress: !address.isLocal,
    threshold: 1_024,
    timeout: patience,
    runtime,
  })
  const ask = async <T extends z.ZodType>(
    what: { readonly operation: string; readonly path: string; readonly body?: object },
    schema: T,
    signal: AbortSignal,
  ): Promise<z.output<T>> => {
    const { body, ...outgoing } = what
    const bytes = new TextEncoder().encode(JSON.stringify(body ?? null))
    const sent = body === undefined ? outgoing : { ...outgoing, body: { type: jsonType, bytes } }
    const context = { operation: what.operation, base: address.base }
    try {
      return await exchange.send(sent, signal, (answer) => readJson(answer, schema, context))
    } catch (error) {
      if (isNoCluster(error)) throw noCluster(url, error)
      if (isLate(error)) throw late(url, what.operation, error)
      throw isClock(error) ? wrongClock(url, error) : asAsked(error)
    }
  }
  return {
    status: (signal) => ask({ operation: 'status', path: 'cluster' }, toldStatus, signal),
    promote: (keys, signal) =>
      ask(
        { operation: 'promote', path: 'cluster/promote', body: keys === undefined ? {} : { keys } },
        toldPromotion,
        signal,
      ),
    [Symbol.asyncDispose]: () => exchange.close(),
  }
}

/** Nothing there, or a state server that takes the path for one of its own; a cluster says no with a code. */
function isNoCluster(error: unknown): error is RejoinError {
  if (!(error instanceof RejoinError)) return false
  const { status, remoteCode } = error.details
  return status === 404 || (status === 400 && remoteCode === undefined)
}

function noCluster(url: string, cause: RejoinError): RejoinError {
  return failure(
    'not_found',
    `the server at ${url} is in no cluster: rejoin serve --key KEY makes it one of a cluster`,
    cause,
  )
}

/** Not told by a server, but waited for in vain. */
function isLate(error: unknown): error is RejoinError {
  return error instanceof RejoinError && error.code === 'timeout' && !('status' in error.details)
}

function late(url: string, operation: string, cause: RejoinError): RejoinError {
  const left =
    operation === 'promote' ? ', and may lead by now or later: ask rejoin cluster status' : ''
  return failure(
    'timeout',
    `the server at ${url} did not answer within ${patience / 1_000} s${left}: see whether it hangs or is suspended, or whether something on the way swallows what is sent`,
    cause,
  )
}

/** It does not pass by itself, as what else a server is busy with. */
function isClock(error: unknown): error is RejoinError {
  return error instanceof RejoinError && error.details.remoteCode === 'clock'
}

function wrongClock(url: string, cause: RejoinError): RejoinError {
  return failure(
    'clock',
    `the clock of the server at ${url} is a day or more ahead of all others, or behind them, so that what one writes is refused by the other: set that clock right there, then do this again`,
    cause,
  )
}

/** Nothing is kept for later, as a sync would: what to do is what clients of state are told. */
function asAsked(error: unknown): unknown {
  if (!(error instanceof RejoinError)) return error
  const { code, message, operation, details, retryable } = error
  return new RejoinError(code, message, {
    ...{ operation, component: 'client', details, retryable, cause: error },
  })
}

/** Milliseconds. A server itself waits for others for much less before it answers. */
const patience = 10_000
const mostBytes = 24 * 1024 * 1024
