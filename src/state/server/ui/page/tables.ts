import { element } from './dom.ts'

/** Rows under the names of their fields; what is nested stands there as JSON. */
export function table(title: string, rows: readonly object[]): HTMLElement {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const head = element('tr', {}, ...names.map((name) => element('th', {}, name)))
  const body = rows.map((row) => {
    const fields = new Map(Object.entries(row))
    return element('tr', {}, ...names.map((name) => element('td', {}, shown(fields.get(name)))))
  })
  const content = rows.length === 0 ? element('p', { className: 'quiet' }, 'none') : undefined
  return element(
    'section',
    { className: 'wide' },
    element('h2', {}, title),
    content ?? element('table', {}, head, ...body),
  )
}

/** One object, a field a row. */
export function fields(title: string, object: object): HTMLElement {
  const rows = Object.entries(object).map(([field, value]) => ({ field, value }))
  return table(title, rows)
}

function shown(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
