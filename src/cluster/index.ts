export type { KeyAbout, PeerAbout, PeerNetwork, RejoinAbout } from './peer-network.ts'
