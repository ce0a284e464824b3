/** Of which cluster a server is that calls another one: the name as it stands; absent where there is none. */
export const clusterHeader = 'rejoin-cluster'
