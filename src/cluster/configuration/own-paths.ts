/** The paths of all leadership records. They travel over every link. */
export const recordPattern = 'cluster/*'

/*
 * What a server keeps for itself beside what it shares: one segment more than what links replicate, so it stays here.
 */

/** Who answered at which address. */
export const knownPeersPattern = 'cluster/links/*'

/** Whom a key's configuration named last. */
export const followedPattern = 'cluster/leaders/*'
