// Flags that npm took for its own: `npm run demo --agents 10`, without the `--` after which it passes things on.
import type { ParseArgsOptionsConfig } from 'node:util'
import { CohortError } from '@cohort/contracts'
import { type NpmCall, readNpmCall } from './config.js'

/** The scripts that run a command, each as it is written with flags. */
const SCRIPTS: Readonly<Record<string, string>> = {
  demo: 'npm run demo --',
  cohort: 'npm run -s cohort --',
}

/** Throws `usage`, with the command that was meant, where npm has kept one of these flags. */
export function refuseKeptByNpm(options: ParseArgsOptionsConfig, npm: NpmCall = readNpmCall()): void {
  const begins = npm.script === undefined ? undefined : SCRIPTS[npm.script]
  const kept = Object.keys(options).filter((name) => npm.setting(name) !== undefined)
  const [command = '', ...given] = process.argv.slice(2)
  // Where a flag came through, npm's setting of that name is another matter: one of its files may hold it.
  const forgotten = kept.filter((name) => !given.some((word) => word.split('=')[0] === `--${name}`))
  if (begins === undefined || forgotten.length === 0) return
  const names = forgotten.map((name) => `--${name}`).join(', ')
  const flags = forgotten.map((name) => flagOf(name, options, npm))
  const meant = [begins, ...(npm.script === 'demo' ? [] : [command]), ...withValue(flags, given)]
  throw new CohortError(
    'usage',
    `npm took ${names} for its own: it passes on only what comes after a lone --, as in\n  ${meant.join(' ')}`,
  )
}

interface Forgotten {
  readonly flag: string
  /** Of `--agents 10` npm keeps `--agents` and hands us the 10; of `--agents=10` it keeps all. */
  readonly lacks: boolean
}

function flagOf(name: string, options: ParseArgsOptionsConfig, npm: NpmCall): Forgotten {
  if (options[name]?.type !== 'string') return { flag: `--${name}`, lacks: false }
  const value = npm.setting(name)
  return value === 'true' ? { flag: `--${name}`, lacks: true } : { flag: `--${name} ${value}`, lacks: false }
}

/** Which of several values belongs to which flag, nobody knows. */
function withValue(flags: readonly Forgotten[], given: readonly string[]): string[] {
  const lone = flags.filter(({ lacks }) => lacks).length === 1 && given.length === 1 ? given[0] : undefined
  const words = flags.map(({ flag, lacks }) => (lacks ? `${flag} ${lone ?? 'VALUE'}` : flag))
  return flags.some(({ lacks }) => lacks) ? words : [...given, ...words]
}
