// A hub and three sites share the settings of valves. One site is cut off, everybody goes on, and it joins again.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { isThere, level, showFreshness, showPeers, showProof, showValves, until } from './fleet.ts'
import { openSite } from './site.ts'

const folder = await mkdtemp(join(tmpdir(), 'edge-fleet-'))
const hub = await openSite({ name: 'hub', folder })
const north = await openSite({ name: 'north', folder, leader: hub })
const south = await openSite({ name: 'south', folder, leader: hub })
const west = await openSite({ name: 'west', folder, leader: hub })
const fleet = [hub, north, south, west]
const members = [north, south, west]

console.log('all are connected; north writes until the hub has it')
await north.cluster.state().set('valves/intake', 'open', { until: 'leader' })
await hub.tree.set('valves/drain', 'shut')
await hub.tree.set('valves/bypass', 'shut')
await level(fleet)
await showValves(fleet)

console.log('west is cut off')
west.cut()
await until(() => members.every((site) => isThere(hub, site) === (site !== west)))
showPeers(hub, members)
await until(async () => !(await west.cluster.freshness('valves/*')).leaderReachable)

console.log('everybody goes on')
await west.tree.set('valves/bypass', 'open')
await wait(10) // nobody shall doubt which one is later
await hub.tree.set('valves/intake', 'half')
await hub.tree.delete('valves/bypass')
await hub.tree.delete('valves/drain')
await south.cluster.state().set('valves/outlet', 'open', { until: 'leader' })
await wait(10)
await west.tree.set('valves/intake', 'shut')
await west.cluster
  .state()
  .set('valves/drain', 'open', { until: 'leader', within: 50 })
  .catch(({ code }) => console.log(`  west, until the hub has it: ${code}; it stands all the same`))
await level([hub, north, south])
await showValves(fleet)
await showFreshness(west)

console.log(
  'west is back: intake and drain were written there last, bypass was deleted after its write',
)
west.mend()
await level(fleet)
await showValves(fleet)
await showFreshness(west)

console.log('north is to lead')
await north.cluster.promote()
await until(() => fleet.every((site) => site.cluster.leads('valves/*') === (site === north)))
await hub.cluster.state().set('valves/outlet', 'half', { until: 'leader' })
await level(fleet)
for (const { name, cluster } of fleet)
  console.log(`  ${name} ${cluster.leads('valves/*') ? 'leads' : 'follows'}`)
await showValves(fleet)

console.log('all prove that they hold what north holds')
for (const site of [hub, south, west]) await showProof(site)

for (const site of [...members, hub]) await site.close()
await rm(folder, { recursive: true })
