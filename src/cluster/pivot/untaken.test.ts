import { expect, it } from 'vitest'
import { RejoinError } from '../../errors/index.ts'
import { leaderAddress, type UnderGo, underGo } from './fixtures/go-cluster.ts'

it.each([
  ['alone', false],
  ['while something is sent', true],
])(
  'K1: a list of a leader of the original that can not be stored here, twice, is found again by the next sync, %s',
  async (_how, writes) => {
    const cluster = await underGo()
    const { leader, member } = cluster
    await leader.set('users/a', 1)
    await member.sync()
    await wroteLongAgo(cluster, 'users/late')
    const mended = failingApply(member.storage)
    for (let tries = 0; tries < 2; tries++) {
      if (writes) await member.tree.set(`users/own${tries}`, tries)
      const { errors } = await member.sync()
      expect(errors.map(({ code }) => code)).toEqual(['storage_full'])
      expect(await member.read('users/late')).toBeUndefined()
    }
    mended()
    expect((await member.sync()).errors).toEqual([])
    expect(await member.read('users/late')).toBe('late')
  },
)

it('K3: once it is stored, nothing is listed again', async () => {
  const cluster = await underGo()
  const { leader, member, net } = cluster
  await leader.set('users/a', 1)
  await member.sync()
  await wroteLongAgo(cluster, 'users/late')
  await member.sync()
  expect(await member.read('users/late')).toBe('late')
  net.requests.length = 0
  await member.sync()
  expect(net.requests.filter((one) => one.includes('/_pivot/pivot/'))).toEqual([])
})

/** No activity tells of it: what stands there is later. It says so all the same. */
async function wroteLongAgo({ leader, net }: UnderGo, path: string): Promise<void> {
  leader.storage.setWithMeta(path, '"late"', 1_767_500_000_000_000_000n, 0n)
  await net.from(leaderAddress)('http://10.0.0.2:8080/_pivot/synchronize/pivot')
}

function failingApply(storage: UnderGo['member']['storage']): () => void {
  const { apply } = storage
  storage.apply = async () => {
    const where = { operation: 'apply', component: 'test' }
    throw new RejoinError('storage_full', 'the disk is full', { ...where, retryable: true })
  }
  return () => {
    storage.apply = apply
  }
}
