/** Of a part of a session. `again`: one side is not what the other took it for; say hello and go on from there. */
export type Outcome = 'done' | 'again'
