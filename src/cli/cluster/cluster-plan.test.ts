import { describe, expect, it } from 'vitest'
import { parseOptions } from '../options/parse-options.ts'
import { clusterOptions } from './cluster-options.ts'
import { clusterPlan } from './cluster-plan.ts'

const plan = (...args: readonly string[]) => clusterPlan(parseOptions(clusterOptions, args))

describe('the options of a cluster', () => {
  it('are none by default', () => {
    expect(plan()).toBeUndefined()
  })

  it('make a leader of who follows nobody', () => {
    expect(plan('--key', 'users/*', '--key=settings', '--node', 'b:1')).toEqual({
      keys: [{ path: 'users/*' }, { path: 'settings' }],
      nodes: ['b:1'],
    })
  })

  it('make a member, also with other leaders and with keys of its own', () => {
    const args = ['--key', 'users/*', '--key', 'things/*=c:3', '--local-key', 'logs/*']
    expect(plan('--leader', '[::1]:2', ...args)).toEqual({
      keys: [
        { path: 'users/*' },
        { path: 'things/*', leader: 'c:3' },
        { path: 'logs/*', local: true },
      ],
      leader: '[::1]:2',
      nodes: [],
    })
  })

  it('name the cluster', () => {
    expect(plan('--key', 'a', '--cluster-name', 'a fleet')).toMatchObject({ name: 'a fleet' })
  })

  it('say which keys another leader begins anew', () => {
    const args = ['--key', 'a/*', '--key', 'b', '--leader', 'b:1']
    expect(plan(...args, '--forget-on-leader-change', 'a/*')?.keys).toEqual([
      { path: 'a/*', onLeaderChange: 'forget' },
      { path: 'b' },
    ])
  })

  it('announce a server where there is a list for that, and else only tell it its address', () => {
    const args = ['--key', 'users/*', '--advertise', 'a:1']
    expect(plan(...args)).toMatchObject({ address: 'a:1', advertise: false })
    expect(plan(...args, '--nodes-key', 'things/*')).toMatchObject({
      ...{ address: 'a:1', advertise: true, nodesKey: 'things/*' },
    })
  })

  it.each<[readonly string[], string]>([
    [['--leader', 'a:1'], '--leader goes with --key, which says what is shared'],
    [['--nodes-key', 'x/*'], '--nodes-key goes with --key, which says what is shared'],
    [['--node', 'a:1'], '--node goes with --key, which says what is shared'],
    [['--advertise', 'a:1'], '--advertise goes with --key, which says what is shared'],
    [['--cluster-name', 'fleet'], '--cluster-name goes with --key, which says what is shared'],
    [['--key', 'a', '--cluster-name', ''], '--cluster-name is empty'],
    [['--key', 'a', '--cluster-name', 'ü'], '--cluster-name has other characters than'],
    [['--key', 'a', '--leader', 'http://a:1'], '--leader must be host:port, without a scheme'],
    [['--key', 'a', '--node', 'a'], '--node must be host:port, not "a"'],
    [['--key', 'a', '--advertise', 'a:0'], '--advertise needs a port from 1 to 65535'],
    [['--forget-on-leader-change', 'a'], '--forget-on-leader-change goes with --key'],
    [
      ['--key', 'a', '--forget-on-leader-change', 'b'],
      '--forget-on-leader-change "b" is no --key of this server',
    ],
    [['--key', ''], '--key must not be empty'],
    [['--key', 'a=b'], '--key must be KEY or KEY=HOST:PORT, and the leader must be host:port'],
    [['--key', '_a'], '--key "_a" must begin and end with a letter'],
    [['--key', 'sync/*'], '--key "sync/*" begins with "sync", which is reserved'],
    [['--key', 'a', '--key', 'a'], '--key "a" is given twice'],
    [['--key', 'a', '--local-key', 'a'], '--local-key "a" is given twice'],
    [['--key', 'a/*', '--key', 'a/b'], '--key "a/b" overlaps with "a/*"'],
    [['--key', 'cluster/*'], '--key "cluster/*" overlaps with cluster/*, where leaders are'],
    [['--key', '*/status'], '--key "*/status" overlaps with pivot/status, where this server shows'],
    [['--key', 'a', '--nodes-key', 'pivot/*'], '--nodes-key "pivot/*" overlaps with pivot/status'],
    [['--key', 'a', '--nodes-key', 'b'], '--nodes-key'],
    [['--key', 'a=b:1'], '--key "a" has a leader of its own, and this server follows none: give'],
    [['--leader', 'b:1', '--local-key', 'a'], '--leader b:1 has nothing to lead'],
    [['--leader', 'b:1', '--key', 'a=c:1'], '--leader b:1 has nothing to lead'],
    [['--key', 'a', '--node', 'a:1', '--advertise', 'a:1'], '--node a:1 is this server itself'],
  ])('are misuse where they contradict themselves or do nothing: %j', (args, message) => {
    const attempt = () => plan(...args)
    expect(attempt).toThrow(expect.objectContaining({ component: 'cli', operation: 'read' }))
    expect(attempt).toThrow(message)
  })
})
