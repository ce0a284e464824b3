/**
 * JSON's source text access (ECMAScript 2026; Node 22, browsers since 2025), which TypeScript's library
 * for ES2024 does not describe: how a number was written, and how to write one exactly.
 */
export const sourceTextJson = JSON as unknown as SourceTextJson

interface SourceTextJson {
  /** Visits inner values first; `source` is there for scalars. */
  parse(text: string, revive: Revive): unknown
  /** An object that `JSON.stringify` writes as this very text. */
  rawJSON(text: string): object
}

type Revive = (key: string, value: unknown, context: { readonly source?: string }) => unknown
