// Every error that leaves over HTTP, as problem+json (RFC 9457): ours, those of Fastify and Nest, and bugs.
import { randomUUID } from 'node:crypto'
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import { CohortError, ERRORS, shown } from '@cohort/contracts'
import type { Log } from '@cohort/telemetry'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { noteRefusal, routeOf } from './request-notes.js'
import { methodsOf } from './routes.js'

/** Where a passing error does not say when to try again. */
const RETRY_AFTER_MS = 1000

@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Log
  readonly #bodyBytes: number

  constructor(log: Log, bodyBytes: number) {
    this.#log = log
    this.#bodyBytes = bodyBytes
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>())
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    // The caller has gone, or has its answer: there is nobody to tell.
    if (reply.sent || reply.raw.headersSent)
      return this.#log.warn('an error came after the answer', { error, url: request.url })
    const known = this.#asKnown(error, request)
    noteRefusal(request, known.code)
    if (known.code === 'method_not_allowed') void reply.header('allow', methodsOf(pathOf(request)).join(', '))
    if (known.transient)
      void reply.header('retry-after', Math.ceil((known.retryAfterMs ?? RETRY_AFTER_MS) / 1000))
    void reply.code(known.status).type('application/problem+json').send(JSON.stringify(known.toProblem()))
  }

  #asKnown(error: unknown, request: FastifyRequest): CohortError {
    const known = error instanceof CohortError ? error : this.#translated(error, request)
    if (known !== undefined && ERRORS[known.code].kind !== 'bug') return known
    const detail = `unexpected error ${randomUUID()}`
    const status = known?.status ?? ERRORS.internal.status
    this.#log.error(detail, {
      route: routeOf(request),
      status,
      method: request.method,
      url: request.url,
      error,
    })
    // A damaged record is told as it is: its detail names what to restore.
    return known !== undefined && known.code !== 'internal'
      ? known
      : new CohortError('internal', detail, { cause: error })
  }

  /** Nest wraps Fastify's refusals, and has one of its own: no route. Undefined: neither expected it. */
  #translated(error: unknown, request: FastifyRequest): CohortError | undefined {
    const status = statusOf(error)
    if (status === undefined || status >= 500) return undefined
    switch (status) {
      case 404:
      case 414:
        return noRoute(request)
      case 413:
        return new CohortError(
          'body_too_large',
          `the body has more than ${this.#bodyBytes} bytes (COHORT_MAX_BODY_BYTES)`,
        )
      case 415:
        return new CohortError(
          'unsupported_media_type',
          `the content type is ${request.headers['content-type'] ?? 'missing'}: send application/json`,
        )
      default:
        return new CohortError('invalid_request', (error as Error).message, { cause: error })
    }
  }
}

/** Of an error that Nest or Fastify made of a request. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus()
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined
}

function noRoute(request: FastifyRequest): CohortError {
  const path = pathOf(request)
  const allowed = methodsOf(path)
  const isPath = allowed.length > 0 && !allowed.includes(request.method)
  if (!isPath) return new CohortError('unknown_route', `there is no path ${String(shown(path))}`)
  return new CohortError('method_not_allowed', `${path} takes ${allowed.join(', ')}, not ${request.method}`)
}

const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? url
