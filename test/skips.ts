/**
 * Tests that can't run everywhere, and what they lack there. A test is skipped through a line of this
 * list, or not at all.
 */
export const skips: readonly Skip[] = [
  {
    implementation: 'store/memory',
    test: 'durable',
    reason: 'without a journal, what it holds is gone with its process',
  },
  {
    implementation: 'store/memory',
    test: 'multiProcess',
    reason: 'its data is in the memory of one process',
  },
  {
    implementation: 'store/sqlite',
    test: 'flushes',
    reason: 'strace is not installed here, or may not trace',
  },
  {
    implementation: 'store/sqlite',
    test: 'full disk',
    reason: 'this user may not mount the small disk that it fills',
  },
  {
    implementation: 'store/versioned',
    test: 'names of 255 bytes and an event of 1 MiB are accepted',
    reason: 'the version that it adds takes room in the event',
  },
  {
    implementation: 'store/versioned',
    test: 'one append holds 8 MiB of letters and not much more',
    reason: 'the version that it adds takes room in the event',
  },
  {
    implementation: 'store/versioned',
    test: 'one append holds 8 MiB of wide letters and not much more',
    reason: 'the version that it adds takes room in the event',
  },
  {
    implementation: 'store/versioned',
    test: 'no data is null, no metadata is empty',
    reason: 'the version that it adds stands in the metadata',
  },
  {
    implementation: 'store/versioned',
    test: 'metadata, schema version and names come back as given',
    reason: 'the version that it adds stands in the metadata',
  },
  {
    implementation: 'transport/memory',
    test: 'network',
    reason: 'nothing lies between it and its log',
  },
  {
    implementation: 'transport/http, compat',
    test: 'exact',
    reason:
      "go-sync-kit's protocol has no headers, cursors of another kind, and one answer to a whole push",
  },
  {
    implementation: 'transport/http, compat',
    test: 'keepsRecords',
    reason: "a server of go-sync-kit's knows nobody",
  },
  {
    implementation: 'transport/http, compat',
    test: 'ids',
    reason: "go-sync-kit's protocol asks for no event by its id",
  },
  {
    implementation: 'transport/http, compat',
    test: 'filters',
    reason: "go-sync-kit's protocol has no filters",
  },
  {
    implementation: 'transport/http, compat',
    test: 'limits',
    reason: "go-sync-kit's protocol tells no limits: the client divides what is pushed",
  },
  {
    implementation: 'link',
    test: 'network',
    reason: 'this user may not make the network namespaces whose cables it cuts',
  },
  {
    implementation: 'causality',
    test: 'recorded',
    reason: 'the recorded session is not here (../shared/data); one of its shape is drawn instead',
  },
  {
    implementation: 'interop',
    test: 'go',
    reason: 'Go is not installed here',
  },
  {
    implementation: 'interop',
    test: 'go-sync-kit',
    reason: "Go's module proxy refuses what interop/go-sync-kit requires",
  },
  {
    implementation: 'interop',
    test: 'ooo',
    reason: "Go's module proxy refuses what interop/ooo requires",
  },
  {
    implementation: 'interop',
    test: 'pivot',
    reason: "Go's module proxy refuses what interop/pivot requires",
  },
]

export interface Skip {
  readonly implementation: string
  /** The test, or the capability that tests of a shared suite need. */
  readonly test: string
  readonly reason: string
}

/** The text that the name of every test skipped through that line holds. */
export function reasonToSkip(implementation: string, test: string): string {
  const skip = skips.find((one) => one.implementation === implementation && one.test === test)
  if (skip === undefined)
    throw new Error(`test/skips.ts has no line for ${implementation}: ${test}`)
  return textOf(skip)
}

export function textOf({ implementation, test, reason }: Skip): string {
  return `${implementation}, ${test}: ${reason}`
}

/** A capability that an implementation lacks, for its fixture. */
export function lacking(implementation: string, capability: string) {
  return { because: reasonToSkip(implementation, capability) }
}
