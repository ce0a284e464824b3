import { connectState } from '../../src/client/index.ts'

/** A day in the life of a client. */
export async function report(url: string, token: string): Promise<readonly string[]> {
  const told: string[] = []
  const refused: string[] = []
  const client = connectState(url, {
    token,
    offline: { onRefused: ({ path }) => refused.push(path) },
  })
  const list = client.subscribeList<number>('boxes/*')
  const reading = list[Symbol.asyncIterator]()
  const tell = async () => told.push(((await reading.next()).value ?? []).map(show).join(' '))
  await tell()
  await client.set('boxes/a', 1)
  await tell()
  await client.patch('boxes/a', 12345678901234567890n)
  await tell()
  await client.push('boxes/*', 2)
  told.push(String((await client.list('boxes/*')).length), `${refused.length} refused`)
  const exact = (await client.get('boxes/a'))?.created
  told.push(typeof exact, String(exact).length === 19 ? 'exact' : 'rounded')
  await client.close()
  return told
}

function show({ index, dataText }: { readonly index: string; readonly dataText: string }): string {
  return `${index}=${dataText}`
}
