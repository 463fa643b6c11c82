// The bounds that cross a package, and those that an operator may set. Used on every leg.

/** Agents in a block: the unit of storage and of scheduling. */
export const BLOCK_AGENTS = 256
/** At most so many faults are named: enough to mend a request, bounded for a hostile one. */
export const MOST_FAULTS = 16
/** No message of ours has as many fields; to name each of a million unknown ones would take a schema seconds. */
export const MOST_FIELDS = 64
/** Parts (whole blocks, or rows of one) in a job. */
export const JOB_PARTS = 16
/** Steps in a job. */
export const JOB_STEPS = 4096
/** A by-row part has at most so many rows; with more, its block is compared and written whole. */
export const BY_ROW_PART = 64
/** Columns of observations in any message: what a schema holds before the model, and its own bound, are known. */
export const MOST_MODALITIES = 256
/** The longest that a request may wait for its results, milliseconds. */
export const WAIT_MS = 30_000
/** A stream of events says at least so often that it goes on: who hears nothing for much longer is cut off. */
export const HEARTBEAT_MS = 15_000
/**
 * The least time that an answer is kept, seconds. A producer whose connection broke under an add sends it again for
 * some seconds, and the stored answer is what tells a job that was done meanwhile from a new one.
 */
export const LEAST_RESULT_SECONDS = 30
/**
 * How long a batch and its Idempotency-Key are remembered while it has no answer, seconds: longer than jobs wait for a
 * worker. From the answer on it is as long as the answer is kept.
 */
export const UNANSWERED_SECONDS = 24 * 3600
/**
 * How long an add of jobs is sent again, milliseconds: longer than a Redis takes to start again, and much shorter than
 * any answer is kept.
 */
export const ADD_WITHIN_MS = 6000

/** Characters that the results of one request may have at most: V8's longest string, less what stands around them. */
const MOST_RESULT_BYTES = 2 ** 29 - 2 ** 20

/** Bounds that an operator may set (`settings.ts`); these are the defaults. */
export interface Limits {
  /** Bytes of an HTTP body. */
  readonly bodyBytes: number
  /** Steps of one request. */
  readonly stepsPerRequest: number
  /** Bytes of the results of one request as JSON, from an upper bound of each number: known before any step is done. */
  readonly resultBytes: number
  /** Agents of one population. */
  readonly populationAgents: number
  /** Hidden state factors of a model. */
  readonly factors: number
  /** Observation modalities of a model. */
  readonly modalities: number
  /** Policies of a model, counted before they are enumerated. */
  readonly policies: number
  /** Bytes of a compiled model and of what a thread needs to step it, computed before anything is allocated. */
  readonly modelBytes: number
  /** Multiplications of the dearest step that a model can have, about 2,000 million a second; an estimate. */
  readonly stepWork: number
  /** Bytes of one agent's row, observations and outputs in the arena. */
  readonly agentBytes: number
  /** Bytes of the parts of one job in the arena: a job takes fewer parts where agents are large. */
  readonly jobBytes: number
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  bodyBytes: 32 * 1024 * 1024,
  stepsPerRequest: 1_048_576,
  resultBytes: 128 * 1024 * 1024,
  populationAgents: 16_777_216,
  factors: 16,
  modalities: 32,
  policies: 65_536,
  modelBytes: 64 * 1024 * 1024,
  stepWork: 2_000_000_000,
  agentBytes: 64 * 1024,
  jobBytes: 16 * 1024 * 1024,
})

/** What must hold between the bounds; the sentences of those that do not. Called by each app at its start. */
export function limitFaults(limits: Limits): string[] {
  const faults: string[] = []
  const must = (holds: boolean, sentence: string) => {
    if (!holds) faults.push(sentence)
  }
  for (const [name, value] of Object.entries(limits)) {
    must(Number.isSafeInteger(value) && value > 0, `limit ${name} must be a positive integer, got ${value}`)
  }
  must(
    limits.agentBytes * BLOCK_AGENTS <= limits.jobBytes,
    `limit jobBytes (${limits.jobBytes}) must hold ${BLOCK_AGENTS} agents of agentBytes (${limits.agentBytes})`,
  )
  must(limits.modalities <= MOST_MODALITIES, `limit modalities must be at most ${MOST_MODALITIES}`)
  must(
    limits.resultBytes <= MOST_RESULT_BYTES,
    `limit resultBytes must be at most ${MOST_RESULT_BYTES}, got ${limits.resultBytes}`,
  )
  must(limits.jobBytes < 2 ** 31, `limit jobBytes must stay under 2 GiB, got ${limits.jobBytes}`)
  must(limits.modelBytes < 2 ** 31, `limit modelBytes must stay under 2 GiB, got ${limits.modelBytes}`)
  return faults
}
