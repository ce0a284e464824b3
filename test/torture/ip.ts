import { spawnSync } from 'node:child_process'

/** The program that makes networks. */
export const program = 'ip'

export function ip(...args: readonly string[]): void {
  const { status, stderr } = run(args)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}

/** Whether it could be done. */
export function tryIp(...args: readonly string[]): boolean {
  return run(args).status === 0
}

function run(args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8' })
}
