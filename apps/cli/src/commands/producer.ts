// `cohort producer`: one producer in the foreground, on REDIS_URL.
import { readConfig } from '../config.js'
import { foreground } from '../foreground.js'

const HELP = `cohort producer [--json] — one producer in the foreground, until Ctrl-C

  REDIS_URL=redis://127.0.0.1:6379 npm run -s cohort -- producer

  --json   when ready, one JSON object {url, pid} on standard output, nothing else there

The log goes to standard error. Environment: REDIS_URL (required), PORT (3000; 0 takes a free one), HOST (127.0.0.1);
all of them are in docs/reference/environment.md.`

export const producer = (args: readonly string[]): Promise<number> =>
  foreground({
    app: 'producer',
    args,
    help: HELP,
    config: readConfig(),
    describe: (url, pid) => ({ url, pid }),
  })
