/** Where the checks of rules stand, for their errors. */
export const at = { operation: 'defineRules', component: 'conflict' } as const
