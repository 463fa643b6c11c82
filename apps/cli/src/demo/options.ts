// The demo's flags: what they mean, their defaults, their bounds.
import { integerFlag, parseFlags } from '../flags.js'

export const DEMO_HELP = `npm run demo -- [flags] — agents find their goals in a 5×5 grid world

Starts a Redis of its own (unless REDIS_URL is given), a producer and workers as real processes, and
runs the closed loop over HTTP: what agents see goes in, what they do comes out, the world moves.

  --agents N    agents, spread over four goals            1000
  --ticks N     steps of each agent                       30
  --workers N   worker processes                          2
  --seed N      of the world and of the agents            1
  --pace MS     least time that a tick is shown           100 in a terminal, else 0
  --json        one JSON object on standard output, and nothing else there
  --verbose     the processes' logs on standard error instead of .cohort/logs

Exits 0 only if every step that was sent was applied exactly once.`

export interface DemoOptions {
  readonly agents: number
  readonly ticks: number
  readonly workers: number
  readonly seed: number
  /** Least milliseconds of a tick; undefined: whatever suits the place where it is shown. */
  readonly paceMs: number | undefined
  readonly json: boolean
  readonly verbose: boolean
}

const FLAGS = {
  agents: { type: 'string' },
  ticks: { type: 'string' },
  workers: { type: 'string' },
  seed: { type: 'string' },
  pace: { type: 'string' },
  json: { type: 'boolean' },
  verbose: { type: 'boolean' },
} as const

/** Throws `usage` for a flag that is unknown or out of its bounds. */
export function demoOptions(args: readonly string[]): DemoOptions | 'help' {
  const flags = parseFlags(args, FLAGS)
  if (flags.help === true) return 'help'
  return {
    agents: integerFlag(flags.agents, { name: 'agents', least: 1, most: 1_000_000, otherwise: 1000 }),
    ticks: integerFlag(flags.ticks, { name: 'ticks', least: 1, most: 1_000_000, otherwise: 30 }),
    workers: integerFlag(flags.workers, { name: 'workers', least: 1, most: 64, otherwise: 2 }),
    seed: integerFlag(flags.seed, { name: 'seed', least: 0, most: 2 ** 32 - 1, otherwise: 1 }),
    paceMs:
      flags.pace === undefined
        ? undefined
        : integerFlag(flags.pace, { name: 'pace', least: 0, most: 60_000, otherwise: 0 }),
    json: flags.json === true,
    verbose: flags.verbose === true,
  }
}
