/** What happens in the shops of two companies that share one hub. */
export type ShopEvents = {
  UserRegistered: { name: string }
  ProductPriced: { cents: number }
  OrderPlaced: { product: string; pieces: number }
}

/** Two companies, three kinds of things, some of it urgent. */
export const history = [
  about('acme-user-1', 'acme', 1, { type: 'UserRegistered', data: { name: 'Ann' } }),
  about('acme-product-7', 'acme', 2, { type: 'ProductPriced', data: { cents: 1_250 } }),
  about('acme-order-1', 'acme', 9, { type: 'OrderPlaced', data: { product: '7', pieces: 1 } }),
  about('acme-order-1', 'acme', 1, { type: 'OrderPlaced', data: { product: '7', pieces: 2 } }),
  about('globex-order-1', 'globex', 5, { type: 'OrderPlaced', data: { product: '3', pieces: 4 } }),
]

function about<Event extends { type: keyof ShopEvents }>(
  aggregateId: string,
  tenant: string,
  priority: number,
  event: Event,
) {
  return { ...event, aggregateId, metadata: { tenant, priority } }
}
