import { indexOfPath } from '../../../contracts/index.ts'
import { JsonText } from '../../../json/json-text.ts'
import { type JsonNode, nodeOf, open, textOf } from '../../../json/patch/json-node.ts'

/** What a path of the remote is called here; `undefined` where it has no name here. */
export type Rename = (path: string) => string | undefined

/** An object or a list of them as the remote told it, with paths of here; all else digit for digit. */
export function renamedValue(text: string, rename: Rename): string {
  return textOf(renamed(nodeOf(new JsonText(text).text), rename))
}

/** The same for a message to a subscriber. Throws `invalid_argument` for what is none. */
export function renamedMessage(text: string, rename: Rename): string {
  const message = open(nodeOf(new JsonText(text).text))
  if (message.kind !== 'object') return text
  const data = message.members.get('data')
  if (data === undefined) return text
  const isSnapshot = textOf(message.members.get('snapshot') ?? nodeOf('true')) === 'true'
  message.members.set('data', isSnapshot ? renamed(data, rename) : renamedPatch(data, rename))
  return textOf(message)
}

function renamed(node: JsonNode, rename: Rename): JsonNode {
  const value = open(node)
  if (value.kind === 'list')
    return { kind: 'list', items: value.items.map((item) => renamedObject(item, rename)) }
  return renamedObject(value, rename)
}

function renamedObject(node: JsonNode, rename: Rename): JsonNode {
  const object = open(node)
  if (object.kind !== 'object') return object
  const path = stringOf(object.members.get('path'))
  const own = path === undefined ? undefined : rename(path)
  if (own === undefined) return object
  object.members.set('path', nodeOf(JSON.stringify(own)))
  object.members.set('index', nodeOf(JSON.stringify(indexOfPath(own))))
  return object
}

/** Whole objects stand only at the root, or as elements of a list. */
function renamedPatch(node: JsonNode, rename: Rename): JsonNode {
  const patch = open(node)
  if (patch.kind !== 'list') return patch
  const items = patch.items.map((item) => {
    const operation = open(item)
    if (operation.kind !== 'object') return operation
    const value = operation.members.get('value')
    const at = stringOf(operation.members.get('path')) ?? ''
    if (value !== undefined && /^(\/(\d+|-))?$/.test(at))
      operation.members.set('value', renamed(value, rename))
    return operation
  })
  return { kind: 'list', items }
}

function stringOf(node: JsonNode | undefined): string | undefined {
  if (node?.kind !== 'text' || !node.text.startsWith('"')) return undefined
  return JSON.parse(node.text) as string
}
