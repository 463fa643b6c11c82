// `cohort worker`: one worker in the foreground, on REDIS_URL.
import { readConfig } from '../config.js'
import { foreground } from '../foreground.js'

const HELP = `cohort worker [--json] — one worker in the foreground, until Ctrl-C

  REDIS_URL=redis://127.0.0.1:6379 npm run -s cohort -- worker

  --json   when ready, one JSON object {pid, threads, cpus, health} on standard output, nothing else there

\`up\` and the demo print the REDIS_URL with which a worker in another shell joins them.
The log goes to standard error. Environment: REDIS_URL (required), COHORT_THREADS (as many as there are free cores);
all of them are in docs/reference/environment.md.`

export const worker = (args: readonly string[]): Promise<number> =>
  foreground({ app: 'worker', args, help: HELP, config: readConfig(), describe: workerObject })

/** `pid 12, threads 3, cores 0,1 + 1 unpinned, health http://…`: `cpus` are those that threads are pinned to. */
export function workerObject(ready: string, pid: number): object {
  const [, threads, cores = '', health] = /threads (\d+), cores (.+), health (\S+)$/.exec(ready) ?? []
  const pinned = /^[\d,]+(?= \+ |$)/.exec(cores)?.[0] ?? ''
  const cpus = pinned === '' ? [] : pinned.split(',').map(Number)
  return { pid, threads: Number(threads), cpus, health }
}
