import type { Node } from 'oxc-parser'
import { parseSync, visitorKeys } from 'oxc-parser'

export type { Node } from 'oxc-parser'

/** A source file, its path relative to the repository's root, with forward slashes. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** A broken rule at a place in a source file. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

export type ImportKind = 'static' | 'type' | 're-export' | 'dynamic' | 'import type'

/** One import of a module, in any of the forms TypeScript has for it. */
export interface Import {
  readonly kind: ImportKind
  /** Undefined for `import()` of something other than a string literal. */
  readonly specifier: string | undefined
  /** The names it takes from the module: `*` for all of them. */
  readonly names: readonly string[]
  /** Nothing of it is left at run time. */
  readonly isErased: boolean
  readonly line: number
}

/** Parses TypeScript; a file that doesn't parse throws. */
export function parse(file: SourceFile): Node {
  const { program, errors } = parseSync(file.path, file.text, { lang: 'ts', astType: 'ts' })
  if (errors[0]) throw new Error(`${file.path}: ${errors[0].message}`)
  return program
}

/** Calls `visit` for every node below `node`, parents first. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void): void {
  const step = (current: Node, parent: Node | undefined) => {
    visit(current, parent)
    for (const key of visitorKeys[current.type] ?? [])
      for (const child of childrenAt(current, key)) step(child, current)
  }
  step(node, undefined)
}

export function lineOf(file: SourceFile, node: Node): number {
  return file.text.slice(0, node.start).split('\n').length
}

/** Every import of a file: static, type, re-export, `import()` and `import('x').T`. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = []
  walk(parse(file), (node) => {
    const entry = importAt(node)
    if (entry) found.push({ ...entry, line: lineOf(file, node) })
  })
  return found
}

function importAt(node: Node): Omit<Import, 'line'> | undefined {
  switch (node.type) {
    case 'ImportDeclaration': {
      const isErased = node.importKind === 'type'
      const names = node.specifiers.map((specifier) =>
        specifier.type === 'ImportSpecifier'
          ? nameOf(specifier.imported)
          : specifier.type === 'ImportDefaultSpecifier'
            ? 'default'
            : '*',
      )
      const kind = isErased ? 'type' : 'static'
      return { kind, specifier: node.source.value, names, isErased }
    }
    case 'ExportNamedDeclaration': {
      if (!node.source) return undefined
      const names = node.specifiers.map((specifier) => nameOf(specifier.local))
      const isErased = node.exportKind === 'type'
      return { kind: 're-export', specifier: node.source.value, names, isErased }
    }
    case 'ExportAllDeclaration': {
      const isErased = node.exportKind === 'type'
      return { kind: 're-export', specifier: node.source.value, names: ['*'], isErased }
    }
    case 'ImportExpression': {
      const specifier = stringValue(node.source)
      return { kind: 'dynamic', specifier, names: ['*'], isErased: false }
    }
    case 'TSImportType':
      return { kind: 'import type', specifier: node.source.value, names: ['*'], isErased: true }
    case 'TSImportEqualsDeclaration': {
      if (node.moduleReference.type !== 'TSExternalModuleReference') return undefined
      const specifier = node.moduleReference.expression.value
      return { kind: 'static', specifier, names: ['*'], isErased: false }
    }
    default:
      return undefined
  }
}

/** The value of a string literal, or of a template without holes. */
export function stringValue(node: Node): string | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined
  return undefined
}

function nameOf(node: Node): string {
  return node.type === 'Identifier' ? node.name : (stringValue(node) ?? '*')
}

function childrenAt(node: Node, key: string): Node[] {
  const value = (node as unknown as Record<string, Node | null | (Node | null)[]>)[key]
  const list = Array.isArray(value) ? value : [value]
  return list.filter((child): child is Node => typeof child?.type === 'string')
}
