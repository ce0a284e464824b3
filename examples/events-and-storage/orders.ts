import type { EventOf } from 'rejoin'

/** What can happen to an order: payloads by event type. */
export type OrderEvents = {
  OrderPlaced: { customer: string; cents: number }
  OrderPaid: { cents: number }
  OrderCancelled: { reason: string }
}

export type OrderState = 'none' | 'placed' | 'paid' | 'cancelled'

/** Where an order stands after these events. */
export function stateOf(history: readonly EventOf<OrderEvents>[]): OrderState {
  let state: OrderState = 'none'
  for (const event of history) state = after[event.type]
  return state
}

const after = {
  OrderPlaced: 'placed',
  OrderPaid: 'paid',
  OrderCancelled: 'cancelled',
} as const satisfies Record<keyof OrderEvents, OrderState>
