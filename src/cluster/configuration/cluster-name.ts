import { RejoinError } from '../../errors/index.ts'

/*
 * A cluster may have a name. Two servers that both have one, and not the same, are of two clusters: neither links with
 * the other, nor answers it. A server without a name is one of whoever it meets, so that names can be given one
 * server at a time.
 */

/** What is wrong with the name of a cluster; `undefined`: nothing. It travels in a header as it is. */
export function clusterNameProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a text such as east'
  if (value === '') return 'is empty'
  if (value.length > longestName) return `is longer than ${longestName} characters`
  if (!/^[\x20-\x7e]+$/.test(value)) return 'has other characters than the printable ones of ASCII'
  return value.trim() === value ? undefined : 'begins or ends with a blank'
}

/** Both have a name, and they are two. */
export function areOfTwoClusters(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other
}

/** Why nothing is exchanged with a server of another cluster. */
export function otherCluster(
  who: string,
  { cluster, own }: { readonly cluster: string; readonly own: string },
  where: { readonly operation: string; readonly component: string },
): RejoinError {
  const message = `${who} is of the cluster "${cluster}", and this server of "${own}"`
  return new RejoinError('forbidden', message, { ...where, details: { cluster, own } })
}

const longestName = 100
