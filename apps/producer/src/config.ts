// The environment → one frozen object: all faults at once, each naming its variable. Nobody else reads it.
import { readEnvironment, type Environment, type Limits } from '@cohort/contracts'
import {
  LOG_FORMATS,
  LOG_LEVELS,
  readTracing,
  type LogFormat,
  type LogLevel,
  type TracingSettings,
} from '@cohort/telemetry'

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
  /** COHORT_MAX_EVENT_STREAMS: streams of events that are open; over it they are refused with 429. */
  readonly eventStreams: number
  /** COHORT_DRAIN_MS: how long requests may go on after SIGTERM. Who waits longer gets 202. */
  readonly drainMs: number
  /** COHORT_LOG_LEVEL: debug, info, warn, error or silent. */
  readonly logLevel: LogLevel
  /** COHORT_LOG_FORMAT: json, pretty, or auto, which is pretty in a terminal. */
  readonly logFormat: LogFormat
  /** COHORT_MAX_…: bounds of requests, models, populations and jobs. */
  readonly limits: Limits
  /** OTEL_…: where spans go; undefined where nothing is traced. */
  readonly tracing: TracingSettings | undefined
}

/** Throws CohortError `configuration` with a fault for each variable that does not fit. */
export const readConfig = (env: Environment = process.env): ProducerConfig =>
  readEnvironment<ProducerConfig>(env, (from) => {
    const limits = from.limits()
    const waitingSteps = from.integer('COHORT_MAX_WAITING_STEPS', {
      least: 1,
      most: 2 ** 31 - 1,
      otherwise: 4 * 1024 * 1024,
    })
    if (waitingSteps < limits.stepsPerRequest) {
      const message = `must hold the largest request (COHORT_MAX_REQUEST_STEPS, ${limits.stepsPerRequest})`
      from.fault({ path: 'COHORT_MAX_WAITING_STEPS', message, got: waitingSteps })
    }
    return {
      redisUrl: from.redisUrl(),
      port: from.integer('PORT', { least: 0, most: 65_535, otherwise: 3000 }),
      host: from.text('HOST', '127.0.0.1'),
      redisMs: from.integer('COHORT_REDIS_MS', { least: 1, most: 600_000, otherwise: 10_000 }),
      gatherMs: from.integer('COHORT_GATHER_MS', { least: 0, most: 1000, otherwise: 2 }),
      resultTtlSeconds: from.resultTtlSeconds(),
      waitingSteps,
      eventStreams: from.integer('COHORT_MAX_EVENT_STREAMS', { least: 1, most: 1_000_000, otherwise: 1024 }),
      drainMs: from.drainMs(),
      logLevel: from.oneOf('COHORT_LOG_LEVEL', { values: LOG_LEVELS, otherwise: 'info' }),
      logFormat: from.oneOf('COHORT_LOG_FORMAT', { values: LOG_FORMATS, otherwise: 'auto' }),
      limits,
      tracing: readTracing(from),
    }
  })
