// What an environment sets of the producer and of the worker; each app reads its own, and `cohort doctor` reads both.
import type { Variables } from './environment.js'
import { DEFAULT_LIMITS, LEAST_RESULT_SECONDS, limitFaults, type Limits } from './limits.js'

interface CommonSettings {
  /** REDIS_URL: `redis://`, `rediss://`, `unix://`, or the path of a Unix socket. Required. */
  readonly redisUrl: string
  /** COHORT_RESULT_TTL_SECONDS: how long a batch can be asked for, and an Idempotency-Key is remembered. */
  readonly resultTtlSeconds: number
  /** COHORT_DRAIN_MS: how long requests and jobs under way may go on after SIGTERM. */
  readonly drainMs: number
  /** COHORT_MAX_…: of the worker those that it holds, whoever stored a model; the others are the producer's. */
  readonly limits: Limits
}

export interface ProducerSettings extends CommonSettings {
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
  /** COHORT_MAX_WAITING_STEPS: steps taken in and not answered yet; over it requests are refused with 429. */
  readonly waitingSteps: number
  /** COHORT_MAX_EVENT_STREAMS: streams of events that are open; over it they are refused with 429. */
  readonly eventStreams: number
  /** COHORT_MAX_EVENT_BYTES: of events held for their readers; over it no other is made, and the slow are cut off. */
  readonly eventBytes: number
}

export interface WorkerSettings extends CommonSettings {
  /** COHORT_THREADS: compute threads. Left out: one for each free core that this process may use, at least 1. */
  readonly threads: number | undefined
  /** COHORT_JOBS_AT_ONCE: jobs in hand. Left out: as many as keep the threads busy while the event loop is on time. */
  readonly jobsAtOnce: number | undefined
  /** COHORT_AFFINITY: `on` gives rows to the thread that had them last, where it is free. */
  readonly affinity: boolean
  /** COHORT_HUNG_MS: a task that runs longer than this, and much longer than its model takes, has hung. */
  readonly hungMs: number
  /**
   * COHORT_PINNING: `off` leaves the threads where the system puts them, and claims no core. `auto` does so where
   * `cohort doctor --measure` found pinned threads slower, and pins them otherwise; `on` pins them whatever it found.
   */
  readonly pinning: (typeof PINNING)[number]
  /** COHORT_DIR: where that measurement is looked for; the commands tell a worker that they start. */
  readonly dir: string | undefined
  /** COHORT_ARENA_BYTES: the most that the shared memory of slots and models may grow to. */
  readonly arenaBytes: number
  /** The part of them that is kept for jobs: a quarter. */
  readonly slotBytes: number
  /** COHORT_HEALTH_PORT: 0 takes a free one; the ready line says which. */
  readonly healthPort: number
  /** COHORT_HEALTH_HOST: the address that the health endpoint listens on. */
  readonly healthHost: string
}

const PINNING = ['auto', 'on', 'off'] as const
const YEAR_SECONDS = 365 * 86_400
const HOUR_MS = 3_600_000
const MIB = 1024 * 1024
const MOST_INTEGER = 2 ** 31 - 1
/** Some minutes of one core. */
const MOST_WORK = 10 ** 12
/** A wasm32 memory ends at 4 GiB; its last page is left out so that every offset fits 32 bits. */
const MOST_ARENA_BYTES = 4096 * MIB - 65_536
/** A job's slots begin on cache lines, section by section: this much on top of its rows at the most. */
const PADDING_BYTES = 64 * 1024
/** The limits that the worker holds. */
const WORKER_LIMITS = [
  'factors',
  'modalities',
  'policies',
  'modelBytes',
  'stepWork',
  'agentBytes',
  'jobBytes',
] as const

const LIMIT_VARIABLES = {
  bodyBytes: 'COHORT_MAX_BODY_BYTES',
  stepsPerRequest: 'COHORT_MAX_REQUEST_STEPS',
  resultBytes: 'COHORT_MAX_RESULT_BYTES',
  populationAgents: 'COHORT_MAX_POPULATION_AGENTS',
  factors: 'COHORT_MAX_FACTORS',
  modalities: 'COHORT_MAX_MODALITIES',
  policies: 'COHORT_MAX_POLICIES',
  modelBytes: 'COHORT_MAX_MODEL_BYTES',
  stepWork: 'COHORT_MAX_STEP_WORK',
  agentBytes: 'COHORT_MAX_AGENT_BYTES',
  jobBytes: 'COHORT_MAX_JOB_BYTES',
} as const satisfies Record<keyof Limits, string>

const ALL_LIMITS = Object.keys(LIMIT_VARIABLES) as (keyof Limits)[]

export function producerSettings(from: Variables): ProducerSettings {
  const common = commonSettings(from, ALL_LIMITS)
  return {
    ...common,
    port: from.integer('PORT', { least: 0, most: 65_535, otherwise: 3000 }),
    host: from.text('HOST', '127.0.0.1'),
    redisMs: from.integer('COHORT_REDIS_MS', { least: 1, most: 600_000, otherwise: 10_000 }),
    gatherMs: from.integer('COHORT_GATHER_MS', { least: 0, most: 1000, otherwise: 2 }),
    waitingSteps: waitingSteps(from, common.limits),
    eventStreams: from.integer('COHORT_MAX_EVENT_STREAMS', { least: 1, most: 1_000_000, otherwise: 1024 }),
    eventBytes: from.integer('COHORT_MAX_EVENT_BYTES', { least: 1, most: MOST_INTEGER, otherwise: 64 * MIB }),
  }
}

export function workerSettings(from: Variables): WorkerSettings {
  const common = commonSettings(from, WORKER_LIMITS)
  return {
    ...common,
    threads: from.integer('COHORT_THREADS', { least: 1, most: 1024, otherwise: undefined }),
    jobsAtOnce: from.integer('COHORT_JOBS_AT_ONCE', { least: 1, most: 1024, otherwise: undefined }),
    affinity: from.oneOf('COHORT_AFFINITY', { values: ['on', 'off'], otherwise: 'off' }) === 'on',
    hungMs: from.integer('COHORT_HUNG_MS', { least: 100, most: HOUR_MS, otherwise: 10_000 }),
    pinning: from.oneOf('COHORT_PINNING', { values: PINNING, otherwise: 'auto' }),
    dir: from.text('COHORT_DIR', '') || undefined,
    ...arena(from, common.limits),
    healthPort: from.integer('COHORT_HEALTH_PORT', { least: 0, most: 65_535, otherwise: 0 }),
    healthHost: from.text('COHORT_HEALTH_HOST', '127.0.0.1'),
  }
}

function commonSettings(from: Variables, held: readonly (keyof Limits)[]): CommonSettings {
  const kept = { least: LEAST_RESULT_SECONDS, most: YEAR_SECONDS, otherwise: 600 }
  return {
    redisUrl: redisUrl(from),
    resultTtlSeconds: from.integer('COHORT_RESULT_TTL_SECONDS', kept),
    drainMs: from.integer('COHORT_DRAIN_MS', { least: 0, most: HOUR_MS, otherwise: 10_000 }),
    limits: limitsOf(from, held),
  }
}

function redisUrl(from: Variables): string {
  const text = from.text('REDIS_URL', '')
  const usable =
    text.startsWith('/') ||
    (URL.canParse(text) && ['redis:', 'rediss:', 'unix:'].includes(new URL(text).protocol))
  // The URL is not echoed: it may hold a password.
  if (!usable)
    from.fault({
      path: 'REDIS_URL',
      message: 'must be a redis://, rediss:// or unix:// URL, or the path of a Unix socket',
    })
  return text
}

/** Bytes and counts fit 31 bits; a step's work need not. */
const most = (name: keyof Limits): number => (name === 'stepWork' ? MOST_WORK : MOST_INTEGER)

/** The limits that are not held keep their defaults, whatever the environment says. */
function limitsOf(from: Variables, held: readonly (keyof Limits)[]): Limits {
  const before = from.faults.length
  const set = held.map((name) => [
    name,
    from.integer(LIMIT_VARIABLES[name], { least: 1, most: most(name), otherwise: DEFAULT_LIMITS[name] }),
  ])
  const limits: Limits = Object.freeze({ ...DEFAULT_LIMITS, ...Object.fromEntries(set) })
  // How the bounds stand to each other is worth saying only when each of them is a number.
  if (from.faults.length > before) return limits
  for (const sentence of limitFaults(limits)) {
    const named = held.filter((name) => sentence.includes(name))
    from.fault({
      path: named.map((name) => LIMIT_VARIABLES[name]).join(', '),
      message: `do not fit each other: ${sentence}`,
    })
  }
  return limits
}

function waitingSteps(from: Variables, { stepsPerRequest }: Limits): number {
  const name = 'COHORT_MAX_WAITING_STEPS'
  const steps = from.integer(name, { least: 1, most: MOST_INTEGER, otherwise: 4 * 1024 * 1024 })
  if (steps < stepsPerRequest) {
    const message = `must hold the largest request (COHORT_MAX_REQUEST_STEPS, ${stepsPerRequest})`
    from.fault({ path: name, message, got: steps })
  }
  return steps
}

/** The most that a model may be with what the batched kernel adds to it. */
const withProgram = (modelBytes: number): number => 4 * modelBytes + MIB

function arena(from: Variables, limits: Limits): Pick<WorkerSettings, 'arenaBytes' | 'slotBytes'> {
  const name = 'COHORT_ARENA_BYTES'
  const arenaBytes = from.integer(name, { least: MIB, most: MOST_ARENA_BYTES, otherwise: 512 * MIB })
  const slotBytes = Math.floor(arenaBytes / 4)
  const holdsJob = slotBytes >= limits.jobBytes + PADDING_BYTES
  const holdsModel = arenaBytes - slotBytes >= withProgram(limits.modelBytes) + PADDING_BYTES
  if (!holdsJob || !holdsModel) {
    const job = `COHORT_MAX_JOB_BYTES, ${limits.jobBytes}`
    const model = `COHORT_MAX_MODEL_BYTES, ${limits.modelBytes}`
    const message = `must hold a job (${job}) in a quarter and a model (${model}) four times in the rest`
    from.fault({ path: name, message, got: arenaBytes })
  }
  return { arenaBytes, slotBytes }
}
