import type { RejoinError } from '../../errors/index.ts'
import { systemRuntime, withDeadline } from '../../runtime/index.ts'
import { SyncNode } from '../../sync/sync-node.ts'
import type { SyncResult } from '../../sync/sync-result.ts'
import { httpTransport } from '../../transport/http/client.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { openToWrite } from '../files/open-store.ts'
import { failure, misuse } from '../misuse.ts'
import { watchedTransport } from '../network/watched-transport.ts'
import { filter } from '../options/event-readers.ts'
import { flag, oneOf, optional, required, type Values } from '../options/option.ts'
import { count, seconds, text, token, webAddress } from '../options/readers.ts'
import { tokenIn } from '../options/token-in.ts'
import { adviceFor, errorLine } from '../terminal/error-line.ts'
import { counted, durationText } from '../terminal/figures.ts'
import { Progress } from '../terminal/progress.ts'
import { jsonReport } from '../watching/json-report.ts'
import { textReport } from '../watching/text-report.ts'
import { watchRemote } from '../watching/watch-remote.ts'

const exampleFilter = '{"types":["NoteWritten"]}'

const options = {
  store: required('FILE', 'the log on this machine; made when there is none', text),
  remote: required('URL', 'the server, such as https://example.org', webAddress),
  token: optional('TOKEN', 'what the server asks for; also from REJOIN_TOKEN', token),
  'push-only': flag('only send'),
  'pull-only': flag('only receive'),
  filter: optional('JSON', `only this part of both logs, such as '${exampleFilter}'`, filter),
  timeout: optional('SECONDS', 'give up after this long; default: never', seconds),
  batch: optional(
    'N',
    'most events in one request; default: as many as go quickly, up to 2000',
    count,
  ),
  watch: flag('stay connected and follow both logs, until interrupted'),
  live: optional(
    'HOW',
    'with --watch, how it hears of news: auto, sse, websocket or poll; default: auto',
    oneOf('auto', 'sse', 'websocket', 'poll'),
  ),
  interval: optional(
    'SECONDS',
    'with --watch, how often to ask a server that has no stream; default: 30',
    seconds,
  ),
  json: flag('print the result as JSON; with --watch, one object a line'),
}

export const sync = command({
  name: 'sync',
  about: `Sends what the server has not confirmed and fetches what is new there, once. What was moved before
a failure or an interruption stays moved; the next sync goes on from there.
With --watch it stays connected: what is committed on either side moves at once, and while something can't be
sent it says why, since when, and when it tries again. Ctrl-C sends what is left and says what is unsent; the
exit code is 0 when the server has everything, and 1 when not.`,
  options,
  examples: [
    'rejoin sync --store notes.db --remote http://127.0.0.1:8080',
    'rejoin sync --store notes.db --remote http://127.0.0.1:8080 --watch',
    'REJOIN_TOKEN=... rejoin sync --store notes.db --remote https://example.org --timeout 60',
  ],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  checkTogether(values)
  if (values.watch) return await watchWith(values, io)
  const result = await syncWith(values, io).catch((error: unknown) => interrupted(error, io))
  if (values.json) await io.out.line(jsonOf(result))
  else await io.out.line(summary(result, io))
  for (const error of result.errors)
    await io.err.line(`${io.err.style.red('error:')} ${errorLine(error)}`)
  return result.ok ? 0 : 1
}

function checkTogether({
  watch,
  live,
  interval,
  timeout,
  ...values
}: Values<typeof options>): void {
  if (values['push-only'] && values['pull-only'])
    throw misuse('--push-only and --pull-only exclude each other')
  if (watch && timeout !== undefined) throw misuse('--timeout is for a sync without --watch')
  if (watch) return
  if (live !== undefined) throw misuse('--live goes with --watch')
  if (interval !== undefined) throw misuse('--interval goes with --watch')
}

async function watchWith(values: Values<typeof options>, io: CommandIo): Promise<number> {
  const { remote: url, live, interval, batch, filter } = values
  const store = await openToWrite(values.store, io)
  const pushes = !values['pull-only']
  const report = values.json ? jsonReport(io.out, pushes) : textReport(io.out, { url, pushes })
  const { httpClientTransport } = await import('../../presets/http-client-transport.ts')
  const way = live === 'poll' ? false : (live ?? 'auto')
  const transport = httpClientTransport({ ...remoteIn(values, io), live: way })
  await using node = new SyncNode({
    store,
    transport: watchedTransport(transport, store, {
      push: pushes,
      pull: !values['push-only'],
      // While it is live, what goes by is told when it has moved.
      show: (state) => {
        if (node.links()[0]?.phase === 'syncing') report.progress(state)
      },
    }),
    realtime: true,
    pushOnly: values['push-only'],
    pullOnly: values['pull-only'],
    ...(interval === undefined ? {} : { interval: interval * 1_000 }),
    ...(batch === undefined ? {} : { batchSize: batch }),
    ...(filter === undefined ? {} : { filter }),
  })
  return await watchRemote(node, report, io, { pushes })
}

async function syncWith(values: Values<typeof options>, io: CommandIo): Promise<SyncResult> {
  const store = await openToWrite(values.store, io)
  using progress = new Progress(io.err)
  await using node = new SyncNode({
    store,
    transport: watchedTransport(httpTransport(remoteIn(values, io)), store, {
      push: !values['pull-only'],
      pull: !values['push-only'],
      show: (state) => progress.show(state),
    }),
    ...(values.batch === undefined ? {} : { batchSize: values.batch }),
    ...(values.filter === undefined ? {} : { filter: values.filter }),
  })
  const once = (signal: AbortSignal) => {
    if (values['push-only']) return node.push({ signal })
    return values['pull-only'] ? node.pull({ signal }) : node.sync({ signal })
  }
  const { timeout } = values
  if (timeout === undefined) return await once(io.signal)
  return await withDeadline(systemRuntime, timeout * 1_000, io.signal, () => late(timeout), once)
}

async function interrupted(error: unknown, { signal, err }: CommandIo): Promise<never> {
  if (signal.aborted) await err.line('interrupted; what was moved stays moved: sync again to go on')
  throw error
}

function remoteIn(values: Values<typeof options>, { env }: CommandIo) {
  const given = values.token ?? tokenIn(env)[0]
  return {
    url: values.remote,
    ...(given === undefined ? {} : { headers: { authorization: `Bearer ${given}` } }),
  }
}

function summary({ ok, pushed, pulled, duration }: SyncResult, { out }: CommandIo): string {
  const verdict = ok ? out.style.green('synced') : out.style.red('not synced')
  return `${verdict}: pushed ${counted(pushed, 'event')}, pulled ${pulled}, in ${durationText(duration)}`
}

function jsonOf(result: SyncResult): string {
  return JSON.stringify({ ...result, errors: result.errors.map(jsonOfError) })
}

function jsonOfError(error: RejoinError): object {
  return { ...error.toJSON(), advice: adviceFor(error) }
}

function late(after: number): RejoinError {
  return failure(
    'timeout',
    `not done after ${after} s; what was moved stays moved: sync again, or allow more with --timeout`,
  )
}
