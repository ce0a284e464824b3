// Three radiators and a dashboard on one state server; one of the radiators goes offline, and somebody turns its knob.
import { serve } from 'rejoin/server'
import { openState, stateServer } from 'rejoin/state'
import { Dashboard } from './dashboard.ts'
import { Device } from './device.ts'
import type { Report, Settings } from './heating.ts'

const tree = await openState()
const state = stateServer(tree, {
  filters: {
    'settings/*': {
      write: ({ data }) => {
        const { target } = data as Settings
        if (target > 25) throw new Error('nobody needs more than 25°')
      },
    },
  },
})
const server = await serve({ mounts: {}, state, port: 0 })

const dashboard = new Dashboard(server.url)
const hall = new Device('hall', server.url)
const devices = [new Device('attic', server.url), new Device('cellar', server.url), hall]

await dashboard.decide({ mode: 'day', target: 20 })
await dashboard.show((reports) => count(reports, 'day') === 3)
await dashboard.decide({ mode: 'tropics', target: 35 }).catch((error) => console.log(error.code))

hall.network.cut()
console.log('hall is offline')
await dashboard.decide({ mode: 'night', target: 15 })
await dashboard.show((reports) => count(reports, 'night') === 2)
console.log(`hall, its knob turned: ${await hall.turnKnob(23)}`)

hall.goOnline()
console.log('hall is back')
await dashboard.show((reports) => count(reports, 'night') === 3)
await dashboard.showWish()

for (const device of devices) await device.close()
await dashboard.close()
await server.close()
await state.close()
await tree.close()

function count(reports: readonly Report[], mode: string): number {
  return reports.filter((report) => report.mode === mode).length
}
