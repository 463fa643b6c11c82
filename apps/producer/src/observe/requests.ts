// Each HTTP request that has its answer → metrics and a line for who debugs. Installed by server.ts
import { ERRORS, type ErrorCode } from '@cohort/contracts'
import type { Log } from '@cohort/telemetry'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyRequest } from 'fastify'
import { ROUTES } from '../http/routes.js'
import type { ProducerMetrics } from './steps-meter.js'

/** What is not in the table of routes: the pages, and paths that are not there. Callers choose those. */
const OTHER = 'other'
const POST_STEPS = 'POST /v1/steps'

/** As Fastify writes a route → as the table does: the one form in which a path may be a label. */
const LABELS: ReadonlyMap<string, string> = new Map(
  ROUTES.map(({ method, path }) => {
    const label = `${method.toUpperCase()} ${path}`
    return [label.replace(/\{(\w+)\}/g, ':$1'), label]
  }),
)
/** How long they take is up to their reader. */
const STREAMS: ReadonlySet<string> = new Set(
  ROUTES.filter(({ responses }) => responses[200]?.type === 'text/event-stream').map(
    ({ method, path }) => `${method.toUpperCase()} ${path}`,
  ),
)

export const routeOf = ({ method, routeOptions }: FastifyRequest): string =>
  LABELS.get(`${method} ${routeOptions.url}`) ?? OTHER

const problems = new WeakMap<FastifyRequest, ErrorCode>()

/** To be told before the answer is sent. */
export const noteProblem = (request: FastifyRequest, code: ErrorCode): void =>
  void problems.set(request, code)

export function countRequests(
  app: NestFastifyApplication,
  { metrics, log }: { metrics: ProducerMetrics; log: Log },
): void {
  const fastify = app.getHttpAdapter().getInstance()
  fastify.addHook('onResponse', (request, reply, done) => {
    const [route, code] = [routeOf(request), problems.get(request)]
    // The caller went before it had all of its answer.
    const status = reply.raw.writableFinished ? String(reply.statusCode) : 'gone'
    metrics.counter('requests', route, status).add()
    if (route !== OTHER && !STREAMS.has(route))
      metrics.histogram('requestSeconds', route).observe(reply.elapsedTime / 1000)
    if (code !== undefined) {
      log.debug('a request was not done', { route, status, code })
      if (route === POST_STEPS && ERRORS[code].kind !== 'bug') metrics.counter('refused', code).add()
    }
    done()
  })
}
