import { GoModule, type GoModuleName } from '../../interop/go-module.ts'
import type { Entry } from '../benchmark.ts'

/** The programs of peers that are written in Go: each is built when the first peer needs it. */
export class GoPrograms implements AsyncDisposable {
  readonly #modules: GoModule[] = []
  readonly #built = new Map<GoModuleName, Promise<Built>>()

  /** The peers that can run here, with their `program`. Of the others it says why they can't. */
  async givenTo(peers: readonly Entry[] = []): Promise<readonly Entry[]> {
    const present: Entry[] = []
    for (const peer of peers) {
      const { program = '', refused } = peer.needs ? await this.#of(peer.needs) : {}
      if (refused !== undefined) console.log(`  without ${peer.label}: ${refused}`)
      else
        present.push({ ...peer, parameters: { ...peer.parameters, ...(program && { program }) } })
    }
    return present
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const module of this.#modules) await module[Symbol.asyncDispose]()
  }

  #of(name: GoModuleName): Promise<Built> {
    const built = this.#built.get(name) ?? this.#build(name)
    this.#built.set(name, built)
    return built
  }

  async #build(name: GoModuleName): Promise<Built> {
    try {
      const module = await GoModule.open(name)
      this.#modules.push(module)
      const { refused } = module
      return refused === undefined ? { program: await module.build(servers[name]) } : { refused }
    } catch (error) {
      if (!String(error).includes('ENOENT')) throw error
      return { refused: 'Go is not installed here' }
    }
  }
}

interface Built {
  readonly program?: string
  readonly refused?: string
}

/** The folder of the module whose program is a server. */
const servers = { 'go-sync-kit': '.', ooo: './server', pivot: '.' } as const
