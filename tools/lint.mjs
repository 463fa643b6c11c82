// The tasks `lint` and `format`: every tool that looks at the sources without running them. Configured at the root.
import { join } from 'node:path'
import process from 'node:process'
import { ROOT, Refusal, execute, say } from './shell.mjs'

const program = (name) => join(ROOT, 'node_modules/.bin', name)

/** Runs all of them, also after one has failed: a reader wants the whole list. */
export async function lint() {
  const tools = [
    ['oxlint', '--deny-warnings'],
    ['oxfmt', '--check'],
    ['knip', '--no-progress'],
    ['tsc', '-b'],
  ]
  const failed = []
  for (const [name, ...args] of tools) {
    const { code } = await execute(process.execPath, [program(name), ...args], { show: true })
    if (code !== 0) failed.push(name)
  }
  if (failed.length > 0) throw new Refusal(`lint failed: ${failed.join(', ')}`)
  say('lint found nothing')
}

/** Writes the one format; with arguments, only those files or folders. */
export async function format(args) {
  const { code, output } = await execute(process.execPath, [program('oxfmt'), ...args])
  if (code !== 0) throw new Refusal(`format failed:\n${output}`)
}
