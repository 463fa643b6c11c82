// leg: queue. Errors on their way through BullMQ: which are tried again, and how a job's end is told to whoever asks.
import { UnrecoverableError } from 'bullmq'
import { CohortError, isErrorCode, type ErrorCode } from '@cohort/contracts'

/** What a failed job's hash says: the code of the table before the detail, so that any producer can read it. */
export interface Failure {
  readonly code: ErrorCode
  readonly detail: string
}

/** An error of `run` as BullMQ takes it: only a passing one is tried again. */
export function asQueueError(error: unknown): Error {
  const known = asCohortError(error)
  const message = reasonOf({ code: known.code, detail: known.message })
  return known.transient
    ? new Error(message, { cause: known })
    : Object.assign(new UnrecoverableError(message), { cause: known })
}

/** The error of `run` that a queue error carries, or what BullMQ itself says of the job's end. */
export function fromQueueError(error: Error): CohortError {
  if (error.cause instanceof CohortError) return error.cause
  const { code, detail } = failureOf(error.message)
  return new CohortError(code, detail, { cause: error })
}

export const reasonOf = ({ code, detail }: Failure): string => `${code}: ${detail}`

/** Read back from a job's `failedReason`. */
export function failureOf(reason: string): Failure {
  const end = reason.indexOf(': ')
  const code = reason.slice(0, end)
  if (end > 0 && isErrorCode(code)) return { code, detail: reason.slice(end + 2) }
  return { code: ENDED_BY_BULLMQ.test(reason) ? 'job_exhausted' : 'internal', detail: reason }
}

/** The connection's troubles, not the job's: a new attempt may find it mended. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return CONNECTION_CODES.has(code) || CONNECTION_MESSAGES.test(error.message)
}

const ENDED_BY_BULLMQ = /^job (started|stalled) more than allowable limit/
const CONNECTION_CODES = new Set(
  'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT ENOTFOUND ENOENT EAI_AGAIN EHOSTUNREACH ENETUNREACH'.split(' '),
)
/** ioredis' own, and the replies of a server that is starting, full, failing over or cannot write to its disk. */
const CONNECTION_MESSAGES = new RegExp(
  [
    "^(Connection is closed|Command aborted|Command timed out|Stream isn't writeable|Reached the max retries",
    '|LOADING |READONLY |MASTERDOWN |CLUSTERDOWN |TRYAGAIN |MISCONF |OOM |BUSY )',
  ].join(''),
)

function asCohortError(error: unknown): CohortError {
  if (error instanceof CohortError) return error
  const detail = error instanceof Error ? error.message : String(error)
  return new CohortError(isConnectionError(error) ? 'redis_unavailable' : 'internal', detail, {
    cause: error,
  })
}
