/** An element; whatever it shows goes in as text, never as markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

export function button(text: string, onclick: () => unknown, className = ''): HTMLButtonElement {
  return element('button', { type: 'button', onclick, className }, text)
}

/** What page.html has under this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no ${id}`)
  return found
}

/** What went wrong, in the server's words. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
