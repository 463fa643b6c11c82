// Each HTTP request → its span from its head to its end, its metrics, and a line for who debugs. Installed by server.ts
import { ERRORS, type ErrorCode } from '@cohort/contracts'
import { nowMs, quietly, type Log, type Tracing } from '@cohort/telemetry'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isListed, noteSpan, refusalOf, routeOf, routePathOf, spanOf } from '../http/request-notes.js'
import { ROUTES } from '../http/routes.js'
import type { ProducerMetrics } from './steps-meter.js'

interface RequestNeeds {
  readonly metrics: ProducerMetrics
  readonly log: Log
  readonly tracing: Pick<Tracing, 'request'> | undefined
}

const POST_STEPS = 'POST /v1/steps'
/** The one refusal that is told of steps that were taken in: they are counted as admitted, and as failed. */
const TOLD_OF_TAKEN: ErrorCode = 'wrong_step'
/** How long they take is up to their reader. */
const STREAMS: ReadonlySet<string> = new Set(
  ROUTES.filter(({ responses }) => responses[200]?.type === 'text/event-stream').map(
    ({ method, path }) => `${method.toUpperCase()} ${path}`,
  ),
)

/** Before any hook that refuses: refusals are traced too. */
export function observeRequests(app: NestFastifyApplication, { metrics, log, tracing }: RequestNeeds): void {
  const fastify = app.getHttpAdapter().getInstance()
  const counted = (request: FastifyRequest, reply: FastifyReply) =>
    quietly(log, () => count(request, reply, { metrics, log }))
  fastify.addHook('onRequest', (request, reply, done) => {
    // No hook of Fastify hears of a caller who went before the answer was written.
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) counted(request, reply)
    })
    done()
  })
  fastify.addHook('onResponse', (request, reply, done) => {
    if (reply.raw.writableFinished) counted(request, reply)
    done()
  })
  if (tracing === undefined) return
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith('/v1/')) quietly(log, () => openSpan(tracing, request, reply))
    done()
  })
  // Not sooner: the events of a body that is read belong to its connection, and would lose the active span.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const span = spanOf(request)
    if (span?.sampled === true) span.run(done)
    else done()
  })
}

function count(
  request: FastifyRequest,
  reply: FastifyReply,
  { metrics, log }: Pick<RequestNeeds, 'metrics' | 'log'>,
): void {
  const [route, code] = [routeOf(request), refusalOf(request)]
  // The caller went before it had all of its answer.
  const status = reply.raw.writableFinished ? String(reply.statusCode) : 'gone'
  metrics.counter('requests', route, status).add()
  if (isListed(route) && !STREAMS.has(route))
    metrics.histogram('requestSeconds', route).observe(reply.elapsedTime / 1000)
  if (code === undefined) return
  log.debug('a request was not done', { route, status, code })
  if (route === POST_STEPS && code !== TOLD_OF_TAKEN && ERRORS[code].kind !== 'bug')
    metrics.counter('refused', code).add()
}

function openSpan(tracing: Pick<Tracing, 'request'>, request: FastifyRequest, reply: FastifyReply): void {
  const { headers, method, url, protocol } = request
  const span = tracing.request({
    method,
    route: routePathOf(request),
    path: url.split('?')[0] ?? url,
    scheme: protocol,
    userAgent: headers['user-agent'],
    traceparent: textOf(headers['traceparent']),
    tracestate: textOf(headers['tracestate']),
    startMs: nowMs() - reply.elapsedTime,
  })
  noteSpan(request, span)
  if (!span.sampled) return
  // By it a caller without a trace of its own finds this one.
  void reply.header('traceresponse', span.traceparent)
  reply.raw.once('close', () => {
    const isAnswered = reply.raw.writableFinished
    span.end(isAnswered ? reply.raw.statusCode : undefined, nowMs())
  })
}

/** A header that came twice is joined by commas, and then no traceparent. */
const textOf = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : header?.join(',')
