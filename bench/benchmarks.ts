import type { Benchmark } from './benchmark.ts'
import { append } from './p1-append.ts'
import { groupCommit } from './p2-group-commit.ts'
import { catchUp } from './p3-catch-up.ts'
import { push } from './p4-push.ts'
import { fanOut } from './p5-fan-out.ts'
import { opening } from './p6-opening.ts'
import { stateRequests } from './p7-state.ts'
import { broadcast } from './p8-broadcast.ts'
import { clusters } from './p9-cluster.ts'
import { differing } from './p10-differences.ts'
import { projecting } from './p11-projection.ts'
import { idleMemory } from './p12-memory.ts'
import { merging } from './p13-merge.ts'
import { causality } from './p14-causality.ts'
import { stateKeys } from './p15-state-keys.ts'

export const benchmarks: readonly Benchmark[] = [
  append,
  groupCommit,
  catchUp,
  push,
  fanOut,
  opening,
  stateRequests,
  broadcast,
  clusters,
  differing,
  projecting,
  idleMemory,
  merging,
  causality,
  stateKeys,
]
