// The environment → one frozen object. All faults at once, each naming its variable. The only reader of process.env.
import { readEnvironment, type Environment, type Limits, type Variables } from '@cohort/contracts'
import {
  LOG_FORMATS,
  LOG_LEVELS,
  readTracing,
  type LogFormat,
  type LogLevel,
  type TracingSettings,
} from '@cohort/telemetry'

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
  /** COHORT_LOG_FORMAT: json, pretty, or auto, which is pretty in a terminal. */
  readonly logFormat: LogFormat
  /** COHORT_MAX_…: a model over these is not compiled, whoever stored it. */
  readonly limits: Limits
  /** OTEL_…: where spans go; undefined where nothing is traced. */
  readonly tracing: TracingSettings | undefined
}

/** A job's slots begin on cache lines, section by section: this much on top of its rows at the most. */
const PADDING_BYTES = 64 * 1024

/** The bounds that the worker holds; the others are the producer's. */
const HELD = ['factors', 'modalities', 'policies', 'modelBytes', 'agentBytes', 'jobBytes'] as const

/** Throws CohortError `configuration` with a fault for each variable that does not fit. */
export const readConfig = (env: Environment = process.env): WorkerConfig =>
  readEnvironment<WorkerConfig>(env, (from) => {
    const limits = from.limits(HELD)
    return {
      ...readArena(from, limits),
      redisUrl: from.redisUrl(),
      threads: from.threads(),
      pinning: from.pinning(),
      healthPort: from.integer('COHORT_HEALTH_PORT', { least: 0, most: 65_535, otherwise: 0 }),
      healthHost: from.text('COHORT_HEALTH_HOST', '127.0.0.1'),
      resultTtlSeconds: from.resultTtlSeconds(),
      drainMs: from.drainMs(),
      logLevel: from.oneOf('COHORT_LOG_LEVEL', { values: LOG_LEVELS, otherwise: 'info' }),
      logFormat: from.oneOf('COHORT_LOG_FORMAT', { values: LOG_FORMATS, otherwise: 'auto' }),
      limits,
      tracing: readTracing(from),
    }
  })

function readArena(from: Variables, limits: Limits): Pick<WorkerConfig, 'arenaBytes' | 'slotBytes'> {
  const arenaBytes = from.arenaBytes()
  const slotBytes = Math.floor(arenaBytes / 4)
  const holdsJob = slotBytes >= limits.jobBytes + PADDING_BYTES
  const holdsModel = arenaBytes - slotBytes >= limits.modelBytes + PADDING_BYTES
  if (!holdsJob || !holdsModel) {
    const job = `COHORT_MAX_JOB_BYTES, ${limits.jobBytes}`
    const model = `COHORT_MAX_MODEL_BYTES, ${limits.modelBytes}`
    const message = `must hold a job (${job}) in a quarter and a model (${model}) in the rest`
    from.fault({ path: 'COHORT_ARENA_BYTES', message, got: arenaBytes })
  }
  return { arenaBytes, slotBytes }
}
