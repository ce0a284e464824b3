import { button, element, wordsOf } from './dom.ts'
import { tell } from './requests.ts'

interface KeyPage {
  readonly keys: readonly string[]
  readonly total: number
}

/** The storage browser: paths, a page at a time, by prefix or pattern. */
export function keyList(open: (path: string) => void): HTMLElement {
  let page = 1
  const filter = element('input', { placeholder: 'filter: users/ or users/*', spellcheck: false })
  const path = element('input', { placeholder: 'path or pattern', spellcheck: false })
  const list = element('ul', { className: 'keys' })
  const count = element('span', { className: 'quiet' })

  const show = async () => {
    try {
      const query = new URLSearchParams({ page: `${page}`, limit: `${size}`, filter: filter.value })
      const { keys, total } = await tell<KeyPage>(`keys&${query}`)
      const last = Math.max(1, Math.ceil(total / size))
      count.className = 'quiet'
      count.textContent = `${total} keys, page ${page} of ${last}`
      back.disabled = page <= 1
      next.disabled = page >= last
      list.replaceChildren(
        ...keys.map((key) =>
          element(
            'li',
            {},
            button(key, () => open(key)),
          ),
        ),
      )
    } catch (error) {
      count.className = 'bad'
      count.textContent = wordsOf(error)
    }
  }
  const turn = (to: number) => {
    page = to
    void show()
  }
  const back = button('‹', () => turn(page - 1))
  const next = button('›', () => turn(page + 1))
  filter.onchange = () => turn(1)
  path.onchange = () => path.value !== '' && open(path.value)
  void show()
  return element(
    'section',
    {},
    element('div', { className: 'row' }, path),
    element(
      'div',
      { className: 'row' },
      filter,
      button('reload', () => show()),
    ),
    element('div', { className: 'row' }, back, next, count),
    list,
  )
}

const size = 50
