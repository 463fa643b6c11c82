// leg: queue. The one queue of a shard: its name, its keys and the options of every job on it. Next: enqueue.ts
import type { JobsOptions } from 'bullmq'
import { SHARD_TAG } from '@cohort/contracts'

/** BullMQ's keys lie in the same slot as the store's, so that one script reaches both. */
export const PREFIX = SHARD_TAG
export const STEPS = 'steps'

/** The hash in which BullMQ keeps a job; the commit script writes its mark there. */
export const jobKey = (id: string): string => `${PREFIX}:${STEPS}:${id}`

/** BullMQ writes four events a job to a stream that nobody reads here: this many are kept, about. */
export const KEPT_EVENTS = 100

/** A failed job is kept with its reason, for a producer that asks and for a person who looks. */
export const KEPT_FAILURES = { age: 3600, count: 1000 }

/** Five attempts: 0.1, 0.2, 0.4 and 0.8 s between them, the second half of each at random. */
export const JOB_OPTIONS: JobsOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 100, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: KEPT_FAILURES,
  stackTraceLimit: 1,
}

/** How what was active under a dead or a sleeping worker finds another one. */
export interface Recovery {
  /** How long a job stays a worker's without a sign of life from it. Renewed at half of it. */
  readonly lockMs: number
  /** Between two looks for jobs whose lock is gone: one look by one of the workers. */
  readonly stalledCheckMs: number
  /** A job that was started so often without an end takes its workers down with it: it fails. */
  readonly startsAtMost: number
}

/** Short, because a worker's main thread only moves bytes: it is never late by seconds. */
export const RECOVERY: Recovery = { lockMs: 5000, stalledCheckMs: 2500, startsAtMost: 10 }
