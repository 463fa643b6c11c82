// `cohort worker`: one worker in the foreground, on REDIS_URL.
import { readConfig } from '../config.js'
import { foreground } from '../foreground.js'

const HELP = `cohort worker — one worker in the foreground, until Ctrl-C

  REDIS_URL=redis://127.0.0.1:6379 npm run -s cohort -- worker

The demo prints the REDIS_URL with which a worker in another shell joins it.
Environment: REDIS_URL (required), COHORT_THREADS (as many as there are free cores);
all of them are in docs/reference/environment.md.`

export const worker = (args: readonly string[]): Promise<number> =>
  foreground({ app: 'worker', args, help: HELP, config: readConfig() })
