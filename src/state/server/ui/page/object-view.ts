import { button, element, wordsOf } from './dom.ts'
import { type Following, follow } from './following.ts'
import { dataIn, indented } from './json-text.ts'
import { ask } from './requests.ts'

export interface ObjectView {
  readonly shown: HTMLElement
  close(): void
}

/** What stands at a path or under a pattern: live or as it was read, with an editor of its data. */
export function objectView(path: string): ObjectView {
  const isList = path.includes('*')
  const value = element('pre', { id: 'value' })
  const editor = element('textarea', { spellcheck: false, placeholder: 'JSON' })
  const said = element('span', { className: 'quiet' })
  let text: string | undefined
  let following: Following | undefined

  const say = (words: string, className: string) => {
    said.textContent = words
    said.className = className
  }
  const read = oneAtATime(async () => {
    try {
      text = await ask(path)
      value.textContent = text === undefined ? 'nothing stands here' : indented(text)
      edit.disabled = text === undefined
    } catch (error) {
      value.textContent = wordsOf(error)
    }
  })
  const live = button('live', () => (following ? beStatic() : beLive()))
  const beLive = () => {
    const onConnected = (isConnected: boolean) => {
      live.className = isConnected ? 'good' : 'bad'
      if (!isConnected) void read()
    }
    following = follow(path, () => void read(), onConnected)
    live.ariaPressed = 'true'
  }
  const beStatic = () => {
    following?.stop()
    following = undefined
    live.ariaPressed = 'false'
    live.className = ''
  }
  const write = (name: string, method: string) =>
    button(name, async () => {
      try {
        const told = await ask(path, { method, body: editor.value })
        say(`${name}: ${told}`, 'good')
        void read()
      } catch (error) {
        say(wordsOf(error), 'bad')
      }
    })
  const remove = async () => {
    if (!confirm(`Delete ${path}?`)) return
    try {
      await ask(path, { method: 'DELETE' })
      say('deleted', 'good')
      void read()
    } catch (error) {
      say(wordsOf(error), 'bad')
    }
  }
  const edit = button('edit', () => {
    if (text !== undefined) editor.value = indented(dataIn(text))
  })

  beLive()
  const writes = isList
    ? [write('push', 'POST')]
    : [edit, write('set', 'POST'), write('patch', 'PATCH')]
  const bar = (...all: readonly Node[]) => element('div', { className: 'row' }, ...all)
  const shown = element(
    'section',
    {},
    bar(
      element('h2', {}, path),
      live,
      button('reload', () => read()),
    ),
    value,
    editor,
    bar(...writes, button('delete', remove, 'danger'), said),
  )
  return { shown, close: beStatic }
}

/** Called while it runs, it runs once more afterwards: what is shown last is what was read last. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let isAskedAgain = false
  const run = async () => {
    do {
      isAskedAgain = false
      await work()
    } while (isAskedAgain)
    running = undefined
  }
  return () => {
    isAskedAgain = true
    running ??= run()
    return running
  }
}
