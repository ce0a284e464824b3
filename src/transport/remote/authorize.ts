/** Whether a request may use a log: `false` says 401; a response is the refusal, such as a 403. */
export type Authorize = (request: Request) => boolean | Response | Promise<boolean | Response>
