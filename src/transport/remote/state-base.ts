import { unwanted, type Where } from '../../errors/check.ts'

/** Where links find a storage of that name, unless they are told otherwise: where no path of an object can be. */
export function stateBase(name = 'main', where: Where): string {
  if (typeof name !== 'string' || !/^[A-Za-z0-9._-]{1,255}$/.test(name) || /^\.+$/.test(name))
    throw unwanted('name', name, 'a name of letters, digits, ".", "_" and "-"', where)
  return `/_rejoin/state/${name}`
}
