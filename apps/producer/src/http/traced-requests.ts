// A span for each request under /v1, from its head to the end of its answer; installed where tracing is on.
import { nowMs, type RequestSpan, type Tracing } from '@cohort/telemetry'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'

const spans = new WeakMap<FastifyRequest, RequestSpan>()

/** Undefined where nothing is traced. */
export const spanOf = (request: FastifyRequest): RequestSpan | undefined => spans.get(request)

/** Before any hook that refuses: refusals are traced too. */
export function traceRequests(app: NestFastifyApplication, tracing: Tracing): void {
  const fastify = app.getHttpAdapter().getInstance()
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith('/v1/')) open(tracing, request, reply)
    done()
  })
  // Not sooner: the events of a body that is read belong to its connection, and would lose the active span.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const span = spanOf(request)
    if (span?.sampled === true) span.run(done)
    else done()
  })
}

function open(tracing: Tracing, request: FastifyRequest, reply: FastifyReply): void {
  const { headers, method, routeOptions, url, protocol } = request
  const span = tracing.request({
    method,
    route: routeOptions.url,
    path: url.split('?')[0] ?? url,
    scheme: protocol,
    userAgent: headers['user-agent'],
    traceparent: textOf(headers['traceparent']),
    tracestate: textOf(headers['tracestate']),
    startMs: nowMs() - reply.elapsedTime,
  })
  spans.set(request, span)
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
