import { isLivedIn } from './house.ts'
import type { Finding, Import, Node, SourceFile } from './syntax.ts'
import { importsOf, lineOf, parse, stringValue, walk } from './syntax.ts'

/**
 * Everything in src/ that waits, reads a clock or draws a random number takes it from the injected
 * runtime; only src/runtime may touch the real ones. That is what lets the simulator replay a
 * failure from a seed. The names are banned for locals and types as well.
 */
const bannedGlobals: readonly string[] = [
  'Date',
  'Temporal',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'requestAnimationFrame',
  'requestIdleCallback',
]

const bannedMembers: Readonly<Record<string, RegExp>> = {
  Math: /^random$/,
  crypto: /^(random.*|getRandomValues|webcrypto)$/,
  AbortSignal: /^timeout$/,
  process: /^(hrtime|uptime|getBuiltinModule)$/,
}

/** Names that must not be imported from a module, also without its `node:` prefix. */
const bannedImports: Readonly<Record<string, RegExp>> = {
  timers: /./,
  'timers/promises': /./,
  perf_hooks: /./,
  // `*` and `default` would bring the banned names along.
  crypto: /^(random.*|getRandomValues|webcrypto|default|\*)$/,
  process: /^(hrtime|uptime|getBuiltinModule|default|\*)$/,
}

/** Everything in `files` that uses what is banned. */
export function checkBans(files: readonly SourceFile[]): Finding[] {
  return files.filter(isLivedIn).flatMap((file) => {
    const found = exportBans(file)
    return isExempt(file) ? found : [...found, ...runtimeBans(file)]
  })
}

/** The runtime itself, and the page that a browser runs: there nobody injects anything. */
function isExempt({ path }: SourceFile): boolean {
  return path.startsWith('src/runtime/') || path.startsWith('src/state/server/ui/page/')
}

function exportBans(file: SourceFile): Finding[] {
  const found: Finding[] = []
  walk(parse(file), (node) => {
    const message =
      node.type === 'ExportAllDeclaration'
        ? 'export * is banned: list the names'
        : node.type === 'ExportDefaultDeclaration' || exportsDefault(node)
          ? 'export default is banned: use a named export'
          : undefined
    if (message) found.push({ path: file.path, line: lineOf(file, node), message })
  })
  return found
}

function exportsDefault(node: Node): boolean {
  return (
    node.type === 'ExportSpecifier' &&
    node.exported.type === 'Identifier' &&
    node.exported.name === 'default'
  )
}

function runtimeBans(file: SourceFile): Finding[] {
  const found: Finding[] = []
  walk(parse(file), (node, parent) => {
    const name = bannedGlobal(node, parent) ?? bannedMember(node) ?? bannedAlias(node)
    if (name) found.push(finding(file, lineOf(file, node), name))
  })
  for (const entry of importsOf(file))
    for (const name of bannedNames(entry)) found.push(finding(file, entry.line, name))
  return found
}

function finding({ path }: SourceFile, line: number, name: string): Finding {
  return { path, line, message: `${name} is banned outside src/runtime: take it from the runtime` }
}

function bannedNames({ specifier, names }: Import): string[] {
  const module = specifier?.replace(/^node:/, '') ?? ''
  const banned = bannedImports[module]
  return banned ? names.filter((name) => banned.test(name)).map((name) => `${module}.${name}`) : []
}

function bannedGlobal(node: Node, parent: Node | undefined): string | undefined {
  const name = node.type === 'Identifier' && !isKey(node, parent) ? node.name : globalMember(node)
  return name && bannedGlobals.includes(name) ? name : undefined
}

/** `Math.random`, `globalThis.Math.random`, `Math['random']`, `Math[anything]`. */
function bannedMember(node: Node): string | undefined {
  if (node.type !== 'MemberExpression') return undefined
  const root = globalName(node.object)
  const banned = root === undefined ? undefined : bannedMembers[root]
  const property = memberName(node)
  if (!banned || (property !== undefined && !banned.test(property))) return undefined
  return `${root}.${property ?? '[computed]'}`
}

/** `const m = Math`, `const { random } = Math`, and the same by assignment or as an argument. */
function bannedAlias(node: Node): string | undefined {
  const [target, value] =
    node.type === 'VariableDeclarator'
      ? [node.id, node.init]
      : node.type === 'AssignmentExpression' || node.type === 'AssignmentPattern'
        ? [node.left, node.right]
        : []
  const root = value ? globalName(value) : undefined
  if (root === undefined || !target) return undefined
  if (!isGlobalObject(root) && !bannedMembers[root]) return undefined
  if (target.type !== 'ObjectPattern') return `another name for ${root}`
  for (const property of target.properties) {
    const name = property.type === 'Property' ? keyName(property) : undefined
    if (name === undefined) return `an open-ended pattern over ${root}`
    if (isGlobalObject(root) ? name in bannedMembers : bannedMembers[root]?.test(name))
      return `${root}.${name}`
  }
  return undefined
}

/** The global an expression stands for: `Math`, `globalThis.Math`, `(globalThis as any).Math`. */
function globalName(expression: Node): string | undefined {
  const node = unwrap(expression)
  return node.type === 'Identifier' ? node.name : globalMember(node)
}

function globalMember(node: Node): string | undefined {
  if (node.type !== 'MemberExpression') return undefined
  const object = unwrap(node.object)
  if (object.type !== 'Identifier' || !isGlobalObject(object.name)) return undefined
  return memberName(node) ?? '[computed]'
}

function isGlobalObject(name: string): boolean {
  return ['globalThis', 'window', 'self', 'global'].includes(name)
}

function memberName(node: Extract<Node, { type: 'MemberExpression' }>): string | undefined {
  const { property, computed } = node
  if (!computed && property.type === 'Identifier') return property.name
  return stringValue(property)
}

function keyName({ key, computed }: Extract<Node, { type: 'Property' }>): string | undefined {
  return !computed && key.type === 'Identifier' ? key.name : stringValue(key)
}

function unwrap(node: Node): Node {
  switch (node.type) {
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'ChainExpression':
      return unwrap(node.expression)
    default:
      return node
  }
}

/** An identifier that only names a property of something else. */
function isKey(node: Node, parent: Node | undefined): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.property === node && !parent.computed
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'AccessorProperty':
    case 'TSAbstractMethodDefinition':
    case 'TSAbstractPropertyDefinition':
    case 'TSPropertySignature':
    case 'TSMethodSignature':
      return parent.key === node && !parent.computed
    case 'TSQualifiedName':
      return parent.right === node
    case 'ImportSpecifier':
      return parent.imported === node && parent.local !== node
    default:
      return false
  }
}
