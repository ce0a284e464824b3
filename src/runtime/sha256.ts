import { sha256 as portable } from '@noble/hashes/sha2.js'

/** SHA-256 of a text's UTF-8 as unpadded base64url: native where `node:crypto` is, a library elsewhere. */
export const sha256: (text: string) => string = nativeSha256() ?? portableSha256

export function portableSha256(text: string): string {
  const digest = portable(new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...digest))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

// Asked for by name, not imported, so that the core loads where no `node:` module exists.
function nativeSha256(): ((text: string) => string) | undefined {
  const host = (globalThis as { process?: NodeLike }).process
  const crypto = host?.getBuiltinModule?.('node:crypto')
  const hash = crypto?.hash
  return hash && ((text) => hash('sha256', text, 'base64url'))
}

interface NodeLike {
  getBuiltinModule?(
    id: 'node:crypto',
  ): { hash?(algorithm: string, text: string, encoding: 'base64url'): string } | undefined
}
