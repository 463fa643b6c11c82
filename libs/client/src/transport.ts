// The one place where a request leaves: attempts, time limits, retries, and the check of what comes back.
import { type Checked, CohortError, type ErrorCode } from '@cohort/contracts'
import type { CallOptions, CohortOptions } from './options.js'
import { pause, retryPauseMs } from './pause.js'
import { type Answer, errorOf, unknownAnswer } from './problem.js'

export interface Call extends CallOptions {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Under the client's URL, e.g. `/v1/models`. */
  readonly path: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  /** How long the producer was asked to wait: comes on top of the time limit of an attempt. */
  readonly waitMs?: number
  /** The error that means, at a second attempt, that the first one did it. */
  readonly goneIsDone?: ErrorCode
  /** No attempt begins after this moment of `performance.now()`. */
  readonly endMs?: number
}

export interface Reply {
  readonly status: number
  /** Checks the body and returns it; throws `answer_unknown` where it is not of that schema. */
  as<T>(check: (value: unknown) => Checked<T>): T
}

/**
 * Sends calls. Every call that goes this way may be repeated without harm: that is for the callers to see
 * to.
 */
export class Transport {
  readonly #base: string
  readonly #fetch: typeof fetch
  readonly #headers: Readonly<Record<string, string>>
  readonly #timeoutMs: number
  readonly #retries: number
  readonly #maxPauseMs: number

  constructor(options: CohortOptions) {
    requireObject(options)
    this.#base = baseOf(options.url)
    this.#fetch = options.fetch ?? fetch
    this.#headers = options.headers ?? {}
    this.#timeoutMs = options.timeoutMs ?? 10_000
    this.#retries = options.retries ?? 4
    this.#maxPauseMs = options.maxPauseMs ?? 30_000
  }

  /** Throws CohortError for any answer but a good one, the signal's reason where it was aborted. */
  async send(call: Call): Promise<Reply> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(call)
      if (!(outcome instanceof CohortError)) return outcome
      if (attempt > 1 && outcome.code === call.goneIsDone) return NOTHING
      const waitMs = retryPauseMs(attempt, outcome.retryAfterMs, Math.random())
      const tooLate = performance.now() + waitMs > (call.endMs ?? Infinity)
      if (!outcome.transient || attempt > this.#retries || waitMs > this.#maxPauseMs || tooLate) throw outcome
      await pause(waitMs, call.signal)
    }
  }

  async #attempt(call: Call): Promise<Reply | CohortError> {
    call.signal?.throwIfAborted()
    const limitMs = this.#timeoutMs + (call.waitMs ?? 0)
    const timeout = AbortSignal.timeout(limitMs)
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout])
    const url = this.#base + call.path
    const request = this.#request(call, signal)
    let began = false
    try {
      const response = await this.#fetch(url, request)
      began = true
      const text = await response.text()
      const answer: Answer = {
        status: response.status,
        text,
        retryAfter: response.headers.get('retry-after'),
        call: `${call.method} ${url}`,
      }
      return response.ok ? replyOf(answer) : errorOf(answer, Date.now())
    } catch (cause) {
      if (call.signal?.aborted === true) throw call.signal.reason
      if (timeout.aborted)
        return lost('unreachable', `${call.method} ${url} was not answered within ${limitMs} ms`, cause)
      const what = began ? 'the answer broke off' : 'no connection'
      return lost(
        began ? 'answer_lost' : 'unreachable',
        `${call.method} ${url}: ${what}${reasonOf(cause)}`,
        cause,
      )
    }
  }

  #request(call: Call, signal: AbortSignal): RequestInit {
    const content = call.body === undefined ? {} : { 'content-type': 'application/json' }
    return {
      method: call.method,
      headers: { accept: 'application/json', ...content, ...this.#headers, ...call.headers },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal,
    }
  }
}

/** For those who write JavaScript: `new Cohort('http://…')`. */
function requireObject(options: unknown): void {
  if (typeof options === 'object' && options !== null) return
  const url = typeof options === 'string' ? options : 'http://127.0.0.1:3000'
  throw new CohortError('invalid_request', `pass { url: '${url}' }`)
}

function baseOf(url: string): string {
  // Not URL.parse: the SDK also runs on the Node 20 of whoever calls it.
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    const message = 'not an http or https address'
    throw new CohortError('invalid_request', `url is ${message}: ${url}`, {
      errors: [{ path: 'url', message, got: url, expected: 'such as http://127.0.0.1:3000' }],
    })
  }
  return parsed.href.replace(/[?#].*$/, '').replace(/\/+$/, '')
}

const replyOf = (answer: Answer): Reply => ({
  status: answer.status,
  as(check) {
    const checked = check(jsonOf(answer))
    if (!checked.ok) throw unknownAnswer(answer, checked.faults)
    return checked.value
  },
})

const NOTHING = replyOf({ status: 204, text: '', retryAfter: null, call: '' })

function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.text)
  } catch {
    throw unknownAnswer(answer, [])
  }
}

const lost = (code: 'unreachable' | 'answer_lost', detail: string, cause: unknown): CohortError =>
  new CohortError(code, detail, { cause })

/** `fetch` hides why it failed in the cause of its error: ` (ECONNREFUSED)`. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  const code = (cause as { code?: unknown } | null | undefined)?.code
  if (typeof code === 'string') return ` (${code})`
  return cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : ''
}
