// A failing property prints its seed and path; REJOIN_SEED (and REJOIN_PATH) replay it.
const { REJOIN_SEED: seed, REJOIN_PATH: path } = process.env
if (seed !== undefined) {
  const { default: fc } = await import('fast-check')
  fc.configureGlobal({ seed: Number(seed), ...(path === undefined ? {} : { path }) })
}

export {}
