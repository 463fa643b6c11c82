// The environment → one frozen object. All faults at once, each naming its variable. The only reader of process.env.
import { CohortError, DEFAULT_LIMITS, limitFaults, type Fault, type Limits } from '@cohort/contracts'
import { LOG_LEVELS, type LogLevel } from './log.js'

type Environment = Readonly<Record<string, string | undefined>>

export interface WorkerConfig {
  /** REDIS_URL: `redis://`, `rediss://` or `unix:///path`. Required. */
  readonly redisUrl: string
  /** COHORT_THREADS: compute threads. Left out: one for each free core that this process may use, at least 1. */
  readonly threads: number | undefined
  /** COHORT_PINNING: `off` leaves the threads where the system puts them, and claims no core. */
  readonly pinning: boolean
  /** COHORT_ARENA_BYTES: the most that the shared memory of slots and models may grow to. */
  readonly arenaBytes: number
  /** The part of them that is kept for jobs: a quarter. */
  readonly slotBytes: number
  /** COHORT_HEALTH_PORT: 0 takes a free one; the ready line says which. */
  readonly healthPort: number
  /** COHORT_HEALTH_HOST: the address that the health endpoint listens on. */
  readonly healthHost: string
  /** COHORT_RESULT_TTL_SECONDS: how long a result can be read after it was written. */
  readonly resultTtlSeconds: number
  /** COHORT_DRAIN_MS: how long jobs under way may go on after SIGTERM; what is left then is done by another worker. */
  readonly drainMs: number
  /** COHORT_LOG_LEVEL: debug, info, warn, error or silent. */
  readonly logLevel: LogLevel
  /** COHORT_MAX_…: a model over these is not compiled, whoever stored it. */
  readonly limits: Limits
}

const MIB = 1024 * 1024
/** A wasm32 memory ends at 4 GiB; its last page is left out so that every offset fits 32 bits. */
const MOST_ARENA_BYTES = 4096 * MIB - 65_536
const DAY_SECONDS = 86_400
/** A job's slots begin on cache lines, section by section: this much on top of its rows at the most. */
const PADDING_BYTES = 64 * 1024

/** The bounds that the worker holds; the others are the producer's. */
const LIMIT_VARIABLES = {
  factors: 'COHORT_MAX_FACTORS',
  modalities: 'COHORT_MAX_MODALITIES',
  policies: 'COHORT_MAX_POLICIES',
  modelBytes: 'COHORT_MAX_MODEL_BYTES',
  agentBytes: 'COHORT_MAX_AGENT_BYTES',
  jobBytes: 'COHORT_MAX_JOB_BYTES',
} as const satisfies Partial<Record<keyof Limits, string>>

/** Throws CohortError `configuration` with a fault for each variable that does not fit. */
export function readConfig(env: Environment = process.env): WorkerConfig {
  const faults: Fault[] = []
  const read = { env, faults }
  const limits = readLimits(read)
  const arenaBytes = integer(read, 'COHORT_ARENA_BYTES', {
    least: MIB,
    most: MOST_ARENA_BYTES,
    otherwise: 512 * MIB,
  })
  const slotBytes = Math.floor(arenaBytes / 4)
  if (
    slotBytes < limits.jobBytes + PADDING_BYTES ||
    arenaBytes - slotBytes < limits.modelBytes + PADDING_BYTES
  ) {
    const [job, model] = [
      `COHORT_MAX_JOB_BYTES, ${limits.jobBytes}`,
      `COHORT_MAX_MODEL_BYTES, ${limits.modelBytes}`,
    ]
    const message = `must hold a job (${job}) in a quarter and a model (${model}) in the rest`
    faults.push({ path: 'COHORT_ARENA_BYTES', message, got: arenaBytes })
  }
  const config: WorkerConfig = {
    redisUrl: redisUrl(read),
    threads: integer(read, 'COHORT_THREADS', { least: 1, most: 1024, otherwise: undefined }),
    pinning: oneOf(read, 'COHORT_PINNING', { values: ['on', 'off'], otherwise: 'on' }) === 'on',
    arenaBytes,
    slotBytes,
    healthPort: integer(read, 'COHORT_HEALTH_PORT', { least: 0, most: 65_535, otherwise: 0 }),
    healthHost: env['COHORT_HEALTH_HOST'] ?? '127.0.0.1',
    resultTtlSeconds: integer(read, 'COHORT_RESULT_TTL_SECONDS', {
      least: 1,
      most: 365 * DAY_SECONDS,
      otherwise: 600,
    }),
    drainMs: integer(read, 'COHORT_DRAIN_MS', { least: 0, most: 3_600_000, otherwise: 10_000 }),
    logLevel: oneOf(read, 'COHORT_LOG_LEVEL', { values: LOG_LEVELS, otherwise: 'info' }),
    limits,
  }
  if (faults.length > 0)
    throw new CohortError('configuration', 'the environment is not valid', { errors: faults })
  return Object.freeze(config)
}

/** A fault as it is told to the person who starts the process. */
export const faultLine = ({ path, message, got }: Fault): string =>
  `${path} ${message}${got === undefined ? '' : `, got ${JSON.stringify(got)}`}`

interface Read {
  readonly env: Environment
  readonly faults: Fault[]
}

function readLimits(read: Read): Limits {
  const before = read.faults.length
  const set: Partial<Record<keyof Limits, number>> = {}
  for (const [name, variable] of Object.entries(LIMIT_VARIABLES) as [
    keyof typeof LIMIT_VARIABLES,
    string,
  ][]) {
    set[name] = integer(read, variable, { least: 1, most: 2 ** 31 - 1, otherwise: DEFAULT_LIMITS[name] })
  }
  const limits = Object.freeze({ ...DEFAULT_LIMITS, ...set })
  // How the bounds stand to each other is worth saying only when each of them is a number.
  if (read.faults.length > before) return limits
  for (const sentence of limitFaults(limits)) {
    const named = Object.entries(LIMIT_VARIABLES).filter(([name]) => sentence.includes(name))
    read.faults.push({
      path: named.map(([, variable]) => variable).join(', '),
      message: `do not fit each other: ${sentence}`,
    })
  }
  return limits
}

function redisUrl({ env, faults }: Read): string {
  const text = env['REDIS_URL'] ?? ''
  const usable =
    text.startsWith('/') ||
    (URL.canParse(text) && ['redis:', 'rediss:', 'unix:'].includes(new URL(text).protocol))
  // The URL is not echoed: it may hold a password.
  if (!usable) faults.push({ path: 'REDIS_URL', message: 'must be a redis://, rediss:// or unix:// URL' })
  return text
}

function integer<T extends number | undefined>(
  { env, faults }: Read,
  name: string,
  { least, most, otherwise }: { least: number; most: number; otherwise: T },
): number | T {
  const text = env[name]
  if (text === undefined || text === '') return otherwise
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  faults.push({ path: name, message: `must be an integer from ${least} to ${most}`, got: text })
  return otherwise
}

function oneOf<T extends string>(
  { env, faults }: Read,
  name: string,
  { values, otherwise }: { values: readonly T[]; otherwise: T },
): T {
  const text = env[name]
  if (text === undefined || text === '') return otherwise
  const value = values.find((one) => one === text)
  if (value !== undefined) return value
  faults.push({ path: name, message: `must be one of ${values.join(', ')}`, got: text })
  return otherwise
}
