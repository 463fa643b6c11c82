// The environment → one frozen object. All faults at once, each naming its variable. The only reader of
// process.env.
import { CohortError, DEFAULT_LIMITS, limitFaults, type Fault, type Limits } from '@cohort/contracts'
import { LOG_LEVELS, type LogLevel } from './log.js'

type Environment = Readonly<Record<string, string | undefined>>

export interface ProducerConfig {
  /** REDIS_URL: `redis://`, `rediss://`, `unix://`, or the path of a Unix socket. Required. */
  readonly redisUrl: string
  /** PORT: 0 takes a free one; the ready line says which. */
  readonly port: number
  /** HOST: the address that it listens on. */
  readonly host: string
  /** COHORT_REDIS_MS: how long Redis may take to answer, before callers are told that it cannot be reached. */
  readonly redisMs: number
  /**
   * COHORT_GATHER_MS: how long steps are gathered into one job while others are under way. 0 gathers nothing.
   */
  readonly gatherMs: number
  /** COHORT_RESULT_TTL_SECONDS: how long a batch can be asked for, and an Idempotency-Key is remembered. */
  readonly resultTtlSeconds: number
  /** COHORT_MAX_WAITING_STEPS: steps taken in and not answered yet; over it requests are refused with 429. */
  readonly waitingSteps: number
  /**
   * COHORT_DRAIN_MS: how long requests under way may go on after SIGTERM. Who waits longer gets 202 and asks
   * another.
   */
  readonly drainMs: number
  /** COHORT_LOG_LEVEL: debug, info, warn, error or silent. */
  readonly logLevel: LogLevel
  /** COHORT_MAX_…: bounds of requests, models, populations and jobs. */
  readonly limits: Limits
}

const DAY_SECONDS = 86_400

const LIMIT_VARIABLES = {
  bodyBytes: 'COHORT_MAX_BODY_BYTES',
  stepsPerRequest: 'COHORT_MAX_REQUEST_STEPS',
  populationAgents: 'COHORT_MAX_POPULATION_AGENTS',
  factors: 'COHORT_MAX_FACTORS',
  modalities: 'COHORT_MAX_MODALITIES',
  policies: 'COHORT_MAX_POLICIES',
  modelBytes: 'COHORT_MAX_MODEL_BYTES',
  agentBytes: 'COHORT_MAX_AGENT_BYTES',
  jobBytes: 'COHORT_MAX_JOB_BYTES',
} as const satisfies Record<keyof Limits, string>

/** Throws CohortError `configuration` with a fault for each variable that does not fit. */
export function readConfig(env: Environment = process.env): ProducerConfig {
  const faults: Fault[] = []
  const read = { env, faults }
  const limits = readLimits(read)
  const config: ProducerConfig = {
    redisUrl: redisUrl(read),
    port: integer(read, 'PORT', { least: 0, most: 65_535, otherwise: 3000 }),
    host: env['HOST'] || '127.0.0.1',
    redisMs: integer(read, 'COHORT_REDIS_MS', { least: 1, most: 600_000, otherwise: 10_000 }),
    gatherMs: integer(read, 'COHORT_GATHER_MS', { least: 0, most: 1000, otherwise: 2 }),
    resultTtlSeconds: integer(read, 'COHORT_RESULT_TTL_SECONDS', {
      least: 1,
      most: 365 * DAY_SECONDS,
      otherwise: 600,
    }),
    waitingSteps: integer(read, 'COHORT_MAX_WAITING_STEPS', {
      least: 1,
      most: 2 ** 31 - 1,
      otherwise: 4 * 1024 * 1024,
    }),
    drainMs: integer(read, 'COHORT_DRAIN_MS', { least: 0, most: 3_600_000, otherwise: 10_000 }),
    logLevel: oneOf(read, 'COHORT_LOG_LEVEL', { values: LOG_LEVELS, otherwise: 'info' }),
    limits,
  }
  if (config.waitingSteps < limits.stepsPerRequest) {
    const message = `must hold the largest request (COHORT_MAX_REQUEST_STEPS, ${limits.stepsPerRequest})`
    faults.push({ path: 'COHORT_MAX_WAITING_STEPS', message, got: config.waitingSteps })
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
  const set = (Object.entries(LIMIT_VARIABLES) as [keyof Limits, string][]).map(([name, variable]) => [
    name,
    integer(read, variable, { least: 1, most: 2 ** 31 - 1, otherwise: DEFAULT_LIMITS[name] }),
  ])
  const limits = Object.freeze(Object.fromEntries(set) as Record<keyof Limits, number>)
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
  if (!usable)
    faults.push({
      path: 'REDIS_URL',
      message: 'must be a redis://, rediss:// or unix:// URL, or the path of a Unix socket',
    })
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
