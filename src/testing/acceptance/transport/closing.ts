import { ok, strictEqual } from 'node:assert/strict'
import { failureOf, refused } from '../event-store/reading.ts'
import type { TransportCheck } from './bench.ts'
import { asked, everyCall } from './calls.ts'
import { note } from './kind.ts'

export function closing(check: TransportCheck): void {
  for (const { name, call, needs } of everyCall()) {
    check(
      `${name} after the close rejects with closed and asks nobody`,
      async ({ remote, soon, writer }) => {
        const { log, transport } = await remote()
        await transport.close()
        await soon(name, refused(call({ writer }, transport), 'closed'))
        strictEqual(log.script.calls.length, 0)
      },
      ...needs,
    )

    check(
      `${name} that is under way ends when its transport closes`,
      async ({ remote, soon, writer }) => {
        const { log, transport } = await remote()
        const gate = log.script.hold(asked)
        const failure = failureOf(call({ writer }, transport))
        failure.catch(() => {})
        try {
          await soon(`the way to the log of ${name}`, gate.reached)
          const closed = transport.close()
          ok(await soon(name, failure))
          await soon('close', closed)
        } finally {
          gate.release()
        }
      },
      ...needs,
    )
  }

  check('close is idempotent, also by disposal', async ({ remote, soon }) => {
    const { transport } = await remote()
    await soon('close', Promise.all([transport.close(), transport.close()]))
    await soon('close', transport.close())
    await soon('disposal', transport[Symbol.asyncDispose]())
  })

  check('disposal closes', async ({ remote, writer }) => {
    const { transport } = await remote()
    await transport[Symbol.asyncDispose]()
    for (const { call, needs } of everyCall())
      if (needs.length === 0) await refused(call({ writer }, transport), 'closed')
  })

  check('closing leaves the other end and other transports as they are', async (bench) => {
    const { writer } = bench
    const { append } = bench
    const { log, transport } = await bench.remote()
    const other = await bench.connect(log)
    await transport.close()
    await append(log, note())
    for (const { call, needs } of everyCall()) if (needs.length === 0) await call({ writer }, other)
  })
}
