// Reads environment variables as the producer and the worker do: all faults at once, each naming its variable.
import { CohortError, type Fault } from './errors.js'
import { DEFAULT_LIMITS, LEAST_RESULT_SECONDS, limitFaults, type Limits } from './limits.js'

export type Environment = Readonly<Record<string, string | undefined>>

const LIMIT_VARIABLES = {
  bodyBytes: 'COHORT_MAX_BODY_BYTES',
  stepsPerRequest: 'COHORT_MAX_REQUEST_STEPS',
  resultBytes: 'COHORT_MAX_RESULT_BYTES',
  populationAgents: 'COHORT_MAX_POPULATION_AGENTS',
  factors: 'COHORT_MAX_FACTORS',
  modalities: 'COHORT_MAX_MODALITIES',
  policies: 'COHORT_MAX_POLICIES',
  modelBytes: 'COHORT_MAX_MODEL_BYTES',
  agentBytes: 'COHORT_MAX_AGENT_BYTES',
  jobBytes: 'COHORT_MAX_JOB_BYTES',
} as const satisfies Record<keyof Limits, string>

const YEAR_SECONDS = 365 * 86_400
const HOUR_MS = 3_600_000
const MIB = 1024 * 1024
/** A wasm32 memory ends at 4 GiB; its last page is left out so that every offset fits 32 bits. */
const MOST_ARENA_BYTES = 4096 * MIB - 65_536

const ALL_LIMITS = Object.keys(LIMIT_VARIABLES) as (keyof Limits)[]

/** What `read` takes from `env`, frozen. Throws CohortError `configuration` with every fault that it met. */
export function readEnvironment<T>(env: Environment, read: (from: Variables) => T): Readonly<T> {
  const faults: Fault[] = []
  const config = read(new Variables(env, faults))
  if (faults.length > 0)
    throw new CohortError('configuration', 'the environment is not valid', { errors: faults })
  return Object.freeze(config)
}

/** A fault as it is told to the person who starts the process. */
export const faultLine = ({ path, message, got }: Fault): string =>
  `${path} ${message}${got === undefined ? '' : `, got ${JSON.stringify(got)}`}`

/** An empty variable is one that is not set. What does not fit is a fault, and reads as if it were not set. */
export class Variables {
  readonly #env: Environment
  readonly #faults: Fault[]

  constructor(env: Environment, faults: Fault[]) {
    this.#env = env
    this.#faults = faults
  }

  fault(fault: Fault): void {
    this.#faults.push(fault)
  }

  /** Decimal digits and nothing else. */
  integer<T extends number | undefined>(
    name: string,
    { least, most, otherwise }: { least: number; most: number; otherwise: T },
  ): number | T {
    const text = this.#env[name]
    if (text === undefined || text === '') return otherwise
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    this.fault({ path: name, message: `must be an integer from ${least} to ${most}`, got: text })
    return otherwise
  }

  oneOf<T extends string>(name: string, { values, otherwise }: { values: readonly T[]; otherwise: T }): T {
    const text = this.#env[name]
    if (text === undefined || text === '') return otherwise
    const value = values.find((one) => one === text)
    if (value !== undefined) return value
    this.fault({ path: name, message: `must be one of ${values.join(', ')}`, got: text })
    return otherwise
  }

  text(name: string, otherwise: string): string {
    return this.#env[name] || otherwise
  }

  /** COHORT_RESULT_TTL_SECONDS: producers and workers of one system are given the same. */
  resultTtlSeconds(): number {
    const bounds = { least: LEAST_RESULT_SECONDS, most: YEAR_SECONDS }
    return this.integer('COHORT_RESULT_TTL_SECONDS', { ...bounds, otherwise: 600 })
  }

  /** COHORT_DRAIN_MS */
  drainMs(): number {
    return this.integer('COHORT_DRAIN_MS', { least: 0, most: HOUR_MS, otherwise: 10_000 })
  }

  /** COHORT_THREADS; undefined where it is left to the worker. */
  threads(): number | undefined {
    return this.integer('COHORT_THREADS', { least: 1, most: 1024, otherwise: undefined })
  }

  /** COHORT_PINNING */
  pinning(): boolean {
    return this.oneOf('COHORT_PINNING', { values: ['on', 'off'], otherwise: 'on' }) === 'on'
  }

  /** COHORT_ARENA_BYTES */
  arenaBytes(): number {
    return this.integer('COHORT_ARENA_BYTES', { least: MIB, most: MOST_ARENA_BYTES, otherwise: 512 * MIB })
  }

  /** REDIS_URL, which must be set. */
  redisUrl(): string {
    const text = this.#env['REDIS_URL'] ?? ''
    const usable =
      text.startsWith('/') ||
      (URL.canParse(text) && ['redis:', 'rediss:', 'unix:'].includes(new URL(text).protocol))
    // The URL is not echoed: it may hold a password.
    if (!usable)
      this.fault({
        path: 'REDIS_URL',
        message: 'must be a redis://, rediss:// or unix:// URL, or the path of a Unix socket',
      })
    return text
  }

  /** The limits that this app holds; the others keep their defaults, whatever the environment says. */
  limits(held: readonly (keyof Limits)[] = ALL_LIMITS): Limits {
    const before = this.#faults.length
    const bounds = { least: 1, most: 2 ** 31 - 1 }
    const set = held.map((name) => [
      name,
      this.integer(LIMIT_VARIABLES[name], { ...bounds, otherwise: DEFAULT_LIMITS[name] }),
    ])
    const limits: Limits = Object.freeze({ ...DEFAULT_LIMITS, ...Object.fromEntries(set) })
    // How the bounds stand to each other is worth saying only when each of them is a number.
    if (this.#faults.length > before) return limits
    for (const sentence of limitFaults(limits)) {
      const named = held.filter((name) => sentence.includes(name))
      this.fault({
        path: named.map((name) => LIMIT_VARIABLES[name]).join(', '),
        message: `do not fit each other: ${sentence}`,
      })
    }
    return limits
  }
}
