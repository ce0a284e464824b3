import { ok, strictEqual } from 'node:assert/strict'
import { append, failureOf, note, refused } from '../event-store/reading.ts'
import type { TransportCheck } from './bench.ts'
import { asked, everyCall } from './calls.ts'

export function closing(check: TransportCheck): void {
  for (const { name, call, needs } of everyCall()) {
    check(
      `${name} after the close rejects with closed and asks nobody`,
      async ({ remote, soon }) => {
        const { log, transport } = await remote()
        await transport.close()
        await soon(name, refused(call(transport), 'closed'))
        strictEqual(log.script.calls.length, 0)
      },
      ...needs,
    )

    check(
      `${name} that is under way ends when its transport closes`,
      async ({ remote, soon }) => {
        const { log, transport } = await remote()
        const gate = log.script.hold(asked)
        const failure = failureOf(call(transport))
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

  check('disposal closes', async ({ remote }) => {
    const { transport } = await remote()
    await transport[Symbol.asyncDispose]()
    for (const { call, needs } of everyCall())
      if (needs.length === 0) await refused(call(transport), 'closed')
  })

  check('closing leaves the other end and other transports as they are', async (bench) => {
    const { log, transport } = await bench.remote()
    const other = await bench.connect(log)
    await transport.close()
    await append(log, note())
    for (const { call, needs } of everyCall()) if (needs.length === 0) await call(other)
  })
}
