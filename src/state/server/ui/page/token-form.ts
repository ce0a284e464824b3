import { button, element } from './dom.ts'
import { token, useToken } from './requests.ts'

/** Asks for the token that the server wants, and begins anew with it. */
export function tokenForm(): HTMLElement {
  const input = element('input', {
    type: 'password',
    placeholder: 'token',
    ariaLabel: 'token',
    autocomplete: 'off',
    required: true,
    // What a token can be; another one could not be sent.
    pattern: '\\s*[!-~]+\\s*',
    title: 'letters, digits and signs, without spaces',
  })
  const words = token() === null ? 'This server wants a token.' : 'This token opens nothing here.'
  const onsubmit = (event: Event) => {
    event.preventDefault()
    useToken(input.value.trim())
    location.reload()
  }
  const form: HTMLFormElement = element('form', { onsubmit }, input)
  form.append(button('open', () => form.requestSubmit()))
  return element('section', { className: 'wide' }, element('p', {}, words), form)
}
