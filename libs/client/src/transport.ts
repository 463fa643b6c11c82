// The one place where a request leaves: attempts, time limits, retries, and the check of what comes back.
import { type Checked, CohortError, type ErrorCode } from '@cohort/contracts'
import type { CallOptions, CohortOptions } from './options.js'
import { pause, retryPauseMs } from './pause.js'
import { type Answer, errorOf, givenUp, unknownAnswer } from './problem.js'
import { SilenceLimit } from './silence-limit.js'

/** What bounds the tries of a call. */
export type Retried = Pick<Call, 'endMs' | 'signal'>

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
    const send = options.fetch ?? fetch
    // A browser's own refuses to be called as a method of something else.
    this.#fetch = (input, init) => send(input, init)
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
      await this.pauseAfter(outcome, attempt, call)
    }
  }

  /** After attempt `attempt` failed: throws its error where there is to be no other, else pauses before that. */
  async pauseAfter(error: CohortError, attempt: number, { endMs, signal }: Retried): Promise<void> {
    const waitMs = retryPauseMs(attempt, error.retryAfterMs, Math.random())
    const tooLate = performance.now() + waitMs > (endMs ?? Infinity)
    if (!error.transient || attempt > this.#retries || waitMs > this.#maxPauseMs || tooLate)
      throw givenUp(error, attempt, this.#base)
    await pause(waitMs, signal)
  }

  /**
   * One attempt at an answer that comes in pieces: server-sent events. Throws what `send` does, and `answer_lost` where
   * nothing comes for `silenceMs`.
   */
  async *stream(call: Call & { readonly silenceMs: number }): AsyncGenerator<string, void, undefined> {
    call.signal?.throwIfAborted()
    const limit = new SilenceLimit(call.signal)
    const sent: Sent = { name: this.#nameOf(call), began: false, limitMs: this.#timeoutMs }
    try {
      const request = this.#request(call, limit.signal)
      const response = await limit.within(sent.limitMs, this.#fetch(this.#base + call.path, request))
      sent.began = true
      sent.limitMs = call.silenceMs
      if (!isEvents(response)) throw refusalOf(await limit.within(sent.limitMs, answerOf(response, sent)))
      // Not the iteration of streams: not every browser has it.
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      for (;;) {
        const { done, value } = await limit.within(sent.limitMs, reader.read())
        if (done) return
        yield value
      }
    } catch (cause) {
      if (cause instanceof CohortError) throw cause
      if (call.signal?.aborted === true) throw call.signal.reason
      if (!limit.isPassed) throw lost(sent, cause)
      if (!sent.began) throw late(sent, cause)
      throw new CohortError('answer_lost', `${sent.name}: nothing came for ${sent.limitMs} ms`, { cause })
    } finally {
      limit.end()
    }
  }

  async #attempt(call: Call): Promise<Reply | CohortError> {
    call.signal?.throwIfAborted()
    const limitMs = this.#timeoutMs + (call.waitMs ?? 0)
    const timeout = AbortSignal.timeout(limitMs)
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout])
    const sent: Sent = { name: this.#nameOf(call), began: false, limitMs }
    try {
      const response = await this.#fetch(this.#base + call.path, this.#request(call, signal))
      sent.began = true
      const answer = await answerOf(response, sent)
      return response.ok ? replyOf(answer) : errorOf(answer, Date.now())
    } catch (cause) {
      if (call.signal?.aborted === true) throw call.signal.reason
      return timeout.aborted ? late(sent, cause) : lost(sent, cause)
    }
  }

  #nameOf({ method, path }: Call): string {
    return `${method} ${this.#base}${path}`
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

/** A request that has left. */
interface Sent {
  /** `METHOD url`, for messages. */
  readonly name: string
  /** Its answer has begun. */
  began: boolean
  limitMs: number
}

const answerOf = async (response: Response, { name }: Sent): Promise<Answer> => ({
  status: response.status,
  text: await response.text(),
  retryAfter: response.headers.get('retry-after'),
  call: name,
})

type Events = Response & { readonly body: NonNullable<Response['body']> }

const isEvents = (response: Response): response is Events =>
  response.ok &&
  response.body !== null &&
  (response.headers.get('content-type') ?? '').startsWith('text/event-stream')

/** Of an answer that is not a stream. */
const refusalOf = (answer: Answer): CohortError =>
  answer.status < 400 ? unknownAnswer(answer, []) : errorOf(answer, Date.now())

const late = ({ name, limitMs }: Sent, cause: unknown): CohortError =>
  new CohortError('unreachable', `${name} was not answered within ${limitMs} ms`, { cause })

function lost({ name, began }: Sent, cause: unknown): CohortError {
  const [code, what] = began
    ? (['answer_lost', 'the answer broke off'] as const)
    : (['unreachable', 'no connection'] as const)
  return new CohortError(code, `${name}: ${what}${reasonOf(cause)}`, { cause })
}

/** `fetch` hides why it failed in the cause of its error: ` (ECONNREFUSED)`. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  const code = (cause as { code?: unknown } | null | undefined)?.code
  if (typeof code === 'string') return ` (${code})`
  return cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : ''
}
