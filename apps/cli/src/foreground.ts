// What `cohort producer` and `cohort worker` have in common: one app in the foreground, stopped as we are.
import { CohortError } from '@cohort/contracts'
import type { CliConfig } from './config.js'
import { parseFlags } from './flags.js'
import { programOf, runInForeground } from './processes.js'
import { untilStopped } from './stop-signal.js'

interface Foreground {
  readonly app: 'producer' | 'worker'
  readonly args: readonly string[]
  readonly help: string
  readonly config: CliConfig
  /** What its ready line says, as the object that `--json` prints. */
  readonly describe: (ready: string, pid: number) => object
}

/** Resolves with the app's own exit code; throws `usage` where REDIS_URL is missing. */
export async function foreground({ app, args, help, config, describe }: Foreground): Promise<number> {
  const flags = parseFlags(args, { json: { type: 'boolean' } })
  if (flags.help === true) {
    process.stdout.write(`${help}\n`)
    return 0
  }
  if (config.redisUrl === undefined) {
    const example = `REDIS_URL=redis://127.0.0.1:6379 npm run -s cohort -- ${app}`
    throw new CohortError(
      'usage',
      `a ${app} needs the Redis that the others use, in REDIS_URL, e.g.\n  ${example}`,
    )
  }
  const environment = { ...config.environment, COHORT_DIR: config.dir }
  const spec = { name: app, program: programOf(app), environment }
  const print = (ready: string, pid: number) =>
    void process.stdout.write(`${JSON.stringify(describe(ready, pid))}\n`)
  return untilStopped((signal) => runInForeground(spec, signal, flags.json === true ? print : undefined))
}
