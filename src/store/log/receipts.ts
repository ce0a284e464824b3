import type { Receipt } from '../../contracts/index.ts'

export const stored: Receipt = { kind: 'stored' }
export const filled: Receipt = { kind: 'filled' }
export const duplicate: Receipt = { kind: 'duplicate' }
export const forked: Receipt = { kind: 'forked' }

export function rejected(
  reason: 'invalid' | 'id_conflict' | 'clock',
  message: string,
  retryable = false,
): Receipt {
  return { kind: 'rejected', reason, message, retryable }
}
