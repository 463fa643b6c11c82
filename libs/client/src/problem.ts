// Makes a CohortError of whatever a server answered instead of a result: problem+json, another's JSON, a
// proxy's page.
import { CohortError, type ErrorCode, type Fault, faultSaid, isErrorCode, shown } from '@cohort/contracts'

/** What arrived: enough of a response to say what is wrong. */
export interface Answer {
  readonly status: number
  readonly text: string
  readonly retryAfter: string | null
  /** `METHOD url`, for the message. */
  readonly call: string
}

/**
 * The error that an answer with a status of 400 or more stands for. `nowMs` is what a Retry-After date is
 * compared with.
 */
export function errorOf(answer: Answer, nowMs: number): CohortError {
  const problem = problemOf(answer.text)
  const pause = retryAfterMs(answer.retryAfter, nowMs)
  const options = { errors: problem.errors, ...(pause === undefined ? {} : { retryAfterMs: pause }) }
  const said = withFaults(problem)
  if (isErrorCode(problem.code)) return new CohortError(problem.code, said, options)
  const named = problem.code === undefined ? '' : ` and the unknown code ${shown(problem.code)}`
  const detail = `${answer.call} was answered with ${answer.status}${named}: ${said}`
  return new CohortError(codeOfStatus(answer.status), detail, options)
}

/** An answer that says it went well but does not hold what it should. */
export function unknownAnswer(answer: Answer, errors: readonly Fault[]): CohortError {
  const at = errors[0] === undefined ? `: ${shown(answer.text)}` : ` (${faultSaid(errors[0])})`
  return new CohortError(
    'answer_unknown',
    `${answer.call} was answered with ${answer.status}, but not as a producer does${at}`,
    { errors },
  )
}

/**
 * The error of the last attempt, for whoever prints its message alone: where nobody answers, it says how often that was
 * tried and what to do. `url` is the client's.
 */
export function givenUp(error: CohortError, attempts: number, url: string): CohortError {
  if (error.code !== 'unreachable') return error
  const tried = attempts === 1 ? '' : `, tried ${attempts} times`
  const { hostname } = new URL(url)
  const what = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
    ? 'start one in the folder of Cohort, by `npm run -s cohort -- up`'
    : 'see whether one runs there and this machine may reach it'
  const advice = `No producer answers at ${url}: ${what}, or mend the url.`
  return new CohortError(error.code, `${error.message}${tried}. ${advice}`, { cause: error.cause })
}

/** Seconds, or a date; undefined where the header is missing or makes no sense. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return seconds < 0 ? undefined : seconds * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}

/** Whoever prints the message alone should see where the fault is; many details begin with the first. */
function withFaults({ detail, errors }: LooseProblem): string {
  const [first] = errors
  if (first === undefined) return detail
  const begins = [' ', ': '].map((between) => `${first.path || 'the body'}${between}${first.message}`)
  const words = begins.some((words) => detail.startsWith(words)) ? '' : `${detail.replace(/\.$/, '')}: `
  const more = errors.length > FAULTS_TOLD ? [`and ${errors.length - FAULTS_TOLD} more`] : []
  return words + [...errors.slice(0, FAULTS_TOLD).map(faultSaid), ...more].join('; ')
}

const FAULTS_TOLD = 2

interface LooseProblem {
  readonly code: unknown
  readonly detail: string
  readonly errors: readonly Fault[]
}

function problemOf(text: string): LooseProblem {
  const body = parsed(text)
  if (typeof body !== 'object' || body === null) {
    return { code: undefined, detail: text === '' ? 'an empty body' : String(shown(text)), errors: [] }
  }
  const { code, detail, title, errors } = body as Record<string, unknown>
  const words = [detail, title].find((part) => typeof part === 'string')
  return { code, detail: typeof words === 'string' ? words : String(shown(text)), errors: faultsOf(errors) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is an answer too: the caller is told its status and how it begins.
    return undefined
  }
}

const faultsOf = (errors: unknown): readonly Fault[] =>
  Array.isArray(errors)
    ? errors.filter(
        (fault: Partial<Fault> | null) =>
          typeof fault?.path === 'string' && typeof fault.message === 'string',
      )
    : []

/**
 * Without a code that we know the status decides: what a gateway says of a server that is away is worth
 * another try.
 */
function codeOfStatus(status: number): ErrorCode {
  if (status === 429) return 'overloaded'
  if (status === 503) return 'not_ready'
  return status === 502 || status === 504 ? 'answer_lost' : 'answer_unknown'
}
