// Every error of the system: one flat table, one class. The same row drives HTTP status, queue attempts and SDK.

/**
 * `refused`: the caller's; names the field; the same call fails again. `transient`: retry later.
 * `bug`: must not happen; the unit dies, the rest lives.
 */
type Kind = 'refused' | 'transient' | 'bug'

interface Row {
  readonly status: number
  readonly kind: Kind
  readonly title: string
  /** What to do next, a sentence. */
  readonly next: string
}

const refused = (status: number, title: string, next: string): Row => ({
  status,
  kind: 'refused',
  title,
  next,
})
const transient = (status: number, title: string, next: string): Row => ({
  status,
  kind: 'transient',
  title,
  next,
})
const bug = (title: string, next: string): Row => ({ status: 500, kind: 'bug', title, next })

// A table is read row by row.
// oxfmt-ignore
export const ERRORS = {
  malformed_json: refused(400, 'The body is not JSON', 'Send a JSON object with content-type application/json.'),
  invalid_request: refused(400, 'The request does not fit its schema', 'Mend the fields named in `errors`; see /docs.'),
  agent_out_of_range: refused(400, 'An agent index is out of range', 'Use indices from 0 to the population’s count − 1.'),
  agent_twice: refused(400, 'An agent is named twice in a request', 'Send the second step of an agent in a later request.'),
  observation_out_of_range: refused(400, 'An observation is out of range', 'Use an outcome of the modality, null, or a probability for each.'),
  unknown_route: refused(404, 'There is no such path', 'See /docs for the paths.'),
  method_not_allowed: refused(405, 'The path does not take this method', 'Use one of those in the Allow header.'),
  unknown_model: refused(404, 'There is no such model', 'Create it with PUT /v1/models.'),
  unknown_population: refused(404, 'There is no such population', 'Create it with POST /v1/populations.'),
  unknown_agent: refused(404, 'There is no such agent', 'An agent’s id is population:index.'),
  unknown_batch: refused(404, 'There is no such batch', 'Results are kept for a limited time; see COHORT_RESULT_TTL_SECONDS.'),
  wrong_step: refused(409, 'The agents are not at the step that `t` names', 'Read the agents’ step numbers and try again.'),
  population_creating: transient(409, 'The population is still being created', 'Wait until its state is `ready`.'),
  population_deleting: transient(409, 'The population is being deleted', 'Wait until it is gone, or choose another id.'),
  population_exists: refused(409, 'A different population has this id', 'Choose another id, or delete it first.'),
  key_reused: refused(409, 'The Idempotency-Key belongs to a different request', 'Use a new key for a new request.'),
  key_in_progress: transient(409, 'The first request with this Idempotency-Key is not queued yet', 'Try again.'),
  body_too_large: refused(413, 'The body is too large', 'Split the request; see COHORT_MAX_BODY_BYTES.'),
  too_many_steps: refused(413, 'The request holds too many steps', 'Split it, or ask for fewer columns; the detail names the limit.'),
  model_too_large: refused(413, 'The model is too large', 'Make it smaller, or raise the limit that the detail names.'),
  population_too_large: refused(413, 'The population is too large', 'Split it; see COHORT_MAX_POPULATION_AGENTS.'),
  unsupported_media_type: refused(415, 'The body’s content type is not supported', 'Send application/json.'),
  invalid_model: refused(422, 'The model is not valid', 'Mend the entries named in `errors`.'),
  overloaded: transient(429, 'Too many steps wait already', 'Try again after the time in Retry-After.'),
  too_many_streams: transient(429, 'Too many streams of events are open', 'Try again after the time in Retry-After, or poll the batch.'),
  reader_too_slow: transient(503, 'The reader of a stream of events is too slow', 'Open the stream again and read on, or poll the batch.'),
  redis_unavailable: transient(503, 'Redis cannot be reached', 'Try again; see /readyz.'),
  not_ready: transient(503, 'Not ready for work', 'Try again; see /readyz.'),
  invalid_job: refused(422, 'The job on the queue is malformed', 'See docs/reference/job.md.'),
  population_gone: refused(409, 'The population was deleted before the step ran', 'Nothing: the step was not applied.'),
  poisoned_state: refused(409, 'The agent’s stored state is none of its model’s', 'Delete and create the population again.'),
  plan_over_budget: refused(422, 'The search for a plan is too large', 'Raise the model’s `nodeBudget`, or shorten its `horizon`.'),
  arena_full: refused(413, 'The work does not fit the worker’s arena', 'Raise COHORT_ARENA_BYTES.'),
  thread_lost: transient(503, 'A compute thread died under the task', 'It is tried again; if it goes on, look at the worker’s log.'),
  job_exhausted: bug('The job was started too often without an end', 'Its workers died or stalled under it; look at their logs.'),
  job_lost: bug('The job is gone and left no answer', 'It may have been applied: read the agents’ step numbers.'),
  corrupt_record: bug('A record in Redis is damaged', 'Restore it; nothing was written over it.'),
  stale_too_often: transient(503, 'The agents’ blocks changed under every attempt', 'Send fewer overlapping requests.'),
  redis_unfit: refused(503, 'The Redis server cannot be used', 'Change the setting that the detail names.'),
  configuration: refused(500, 'The configuration is not valid', 'Mend the variables named in `errors`.'),
  unreachable: transient(503, 'The producer cannot be reached', 'See whether it runs, and at that address.'),
  answer_lost: transient(502, 'The answer broke off on its way', 'Try again; look at what stands between client and producer.'),
  answer_unknown: refused(502, 'The answer is not one that this client knows', 'See whether a producer of the client’s version is there.'),
  not_done: transient(504, 'The results are not there yet', 'Poll the batch that the detail names.'),
  usage: refused(400, 'The command line is not understood', 'See --help.'),
  process_failed: bug('A process did not start, or ended', 'See its log.'),
  internal: bug('An error that should not happen', 'Report it with the log line that carries the same detail.'),
} as const satisfies Record<string, Row>

export type ErrorCode = keyof typeof ERRORS

/** One fault: where it is, what is wrong, what was there and what was expected. */
export interface Fault {
  readonly path: string
  readonly message: string
  readonly got?: unknown
  readonly expected?: string
}

/** RFC 9457. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly errors?: readonly Fault[]
}

interface ErrorOptions {
  readonly errors?: readonly Fault[]
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

export class CohortError extends Error {
  readonly code: ErrorCode
  readonly errors: readonly Fault[]
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, detail: string, options: ErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CohortError'
    this.code = code
    this.errors = options.errors ?? []
    this.retryAfterMs = options.retryAfterMs
  }

  get status(): number {
    return ERRORS[this.code].status
  }

  get transient(): boolean {
    return ERRORS[this.code].kind === 'transient'
  }

  toProblem(): Problem {
    const { title, status } = ERRORS[this.code]
    const errors = this.errors.length > 0 ? { errors: this.errors } : {}
    return {
      type: `urn:cohort:problem:${this.code}`,
      title,
      status,
      detail: this.message,
      code: this.code,
      ...errors,
    }
  }
}

/** For a person at a terminal: what went wrong, and what to do about it where the table knows. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof CohortError)) return error instanceof Error ? error.message : String(error)
  const { title, next } = ERRORS[error.code]
  return `${title}: ${error.message.replace(/\.$/, '')}. ${next}`
}

/** True for a code of the table: what comes over the wire is checked before it is believed. */
export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(ERRORS, code)
