/** What a transport can do that lacks nothing. */
export const allOfThem = {
  exact: true,
  keepsRecords: true,
  ids: true,
  filters: true,
  limits: true,
  live: true,
  network: true,
} as const
