// The environment → what the commands go by. The only reader of process.env here; children get a copy of it.
import { fileURLToPath } from 'node:url'
import type { Environment } from '@cohort/contracts'

export interface CliConfig {
  /** REDIS_URL: the Redis to use. Left out: the demo starts one of its own. */
  readonly redisUrl: string | undefined
  /**
   * COHORT_REDIS_SERVER: the server program to start where one is started; searched on PATH where left out.
   */
  readonly redisServer: string | undefined
  /** PATH: where programs are looked for. */
  readonly path: string
  /** COHORT_DIR: where logs and our own Redis's data are kept; `.cohort` in the project where left out. */
  readonly dir: string
  /** COHORT_THREADS, unchecked: the workers read it. */
  readonly threads: string | undefined
  /** All of it, as child processes get it. NO_COLOR, TERM and COLORTERM are read by Node's own terminal. */
  readonly environment: Environment
}

export function readConfig(env: Environment = process.env): CliConfig {
  return Object.freeze({
    redisUrl: filled(env['REDIS_URL']),
    redisServer: filled(env['COHORT_REDIS_SERVER']),
    path: env['PATH'] ?? '',
    dir: filled(env['COHORT_DIR']) ?? fileURLToPath(new URL('../../../.cohort', import.meta.url)),
    threads: filled(env['COHORT_THREADS']),
    environment: env,
  })
}

/** How npm started this process. */
export interface NpmCall {
  /** The script of package.json; undefined where it was not npm. */
  readonly script: string | undefined
  /** The setting of npm's own by that name, from its command line or its files; undefined where there is none. */
  setting(name: string): string | undefined
}

export const readNpmCall = (env: Environment = process.env): NpmCall => ({
  script: filled(env['npm_lifecycle_event']),
  setting: (name) => filled(env[`npm_config_${name}`]),
})

const filled = (text: string | undefined): string | undefined => (text === '' ? undefined : text)
