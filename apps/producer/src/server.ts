// Starts the HTTP server and stops it: what was taken in goes on to its end or its deadline.
import type { Server } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { StepQueue } from '@cohort/queue'
import type { Log, Tracing } from '@cohort/telemetry'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ProducerConfig } from './config.js'
import type { Creations } from './creations.js'
import { refuseBadRequest } from './http/bad-request.js'
import { docsUrl, serveDocs } from './http/docs-page.js'
import type { EventStreams } from './http/event-streams.js'
import { parseBody } from './http/json-body.js'
import { ProblemFilter } from './http/problem.filter.js'
import { inTime } from './in-time.js'
import type { LiveFeed } from './live/feed.js'
import { serveLivePage } from './live/live-page.js'
import { serveQueues } from './live/queues-page.js'
import { quietTracing } from './observe/quiet-tracing.js'
import { observeRequests } from './observe/request.js'
import type { ProducerMetrics } from './observe/steps-meter.js'
import { watch } from './observe/watch.js'
import { ProducerModule } from './producer.module.js'
import type { Readiness } from './readiness.js'
import type { Connections } from './redis.js'
import type { StepsNeeds } from './steps/post-steps.js'
import {
  CONNECTIONS,
  CREATIONS,
  EVENT_STREAMS,
  LIVE,
  METRICS,
  PAGE_STREAMS,
  QUEUE,
  READINESS,
  STEPS,
} from './tokens.js'

export interface Producer {
  /** `http://host:port` */
  readonly url: string
  /** Resolves when all is closed; never rejects. */
  stop(): Promise<void>
}

/** Answers that were ready at the deadline get this long to leave. */
const GRACE_MS = 1000
const IDLE_MS = 50

/** A request's body must be here by then. */
const REQUEST_MS = 120_000

/** Throws where Redis cannot be reached or used, or the address is taken. `tracing`: the caller's to stop. */
export async function startProducer(config: ProducerConfig, log: Log, tracing?: Tracing): Promise<Producer> {
  const problems = new ProblemFilter(log, config.limits.bodyBytes)
  const adapter = new FastifyAdapter({
    bodyLimit: config.limits.bodyBytes,
    requestTimeout: REQUEST_MS,
    // Refused by `Readiness`, as a problem, and not by Fastify.
    return503OnClosing: false,
    skipMiddie: true,
    rewriteUrl: docsUrl,
    clientErrorHandler: refuseBadRequest,
    // What the router refuses comes past Nest's filters.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      problems.answer(error, request, reply),
  })
  const options = { bodyParser: false, abortOnError: false, logger: nestLogger(log) }
  const traced = tracing === undefined ? undefined : quietTracing(tracing, log)
  const app = await NestFactory.create<NestFastifyApplication>(
    ProducerModule.of(config, log, traced),
    adapter,
    options,
  )
  app.useGlobalFilters(problems)
  readJsonOnly(app)
  const metrics = app.get<ProducerMetrics>(METRICS)
  observeRequests(app, { metrics, log, tracing: traced })
  watch(metrics, { ...app.get<StepsNeeds>(STEPS), streams: app.get<EventStreams>(EVENT_STREAMS) })
  refuseEarly(app)
  await serveDocs(app)
  await serveQueues(app, app.get<StepQueue>(QUEUE))
  serveLivePage(app, app.get<LiveFeed>(LIVE), app.get<EventStreams>(PAGE_STREAMS))
  await app.listen({ port: config.port, host: config.host })
  let stopped: Promise<void> | undefined
  return { url: await app.getUrl(), stop: () => (stopped ??= stop(app, config.drainMs, log)) }
}

/** Nest says at each start what it wires. What it calls an error it also throws, and that is told in a sentence. */
const nestLogger = (log: Log) => ({
  log: (message: unknown) => log.debug(String(message)),
  warn: (message: unknown) => log.warn(String(message)),
  error: (message: unknown) => log.debug(String(message)),
})

function readJsonOnly(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance()
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Where none is asked for, many clients name the type of a body that they do not send.
    const isAskedFor = request.method === 'PUT' || request.method === 'POST'
    if (body === '' && !isAskedFor) return done(null, undefined)
    try {
      done(null, parseBody(body as string))
    } catch (error) {
      done(error as Error)
    }
  })
}

/** Before a body of megabytes is read for nothing: a command would wait until Redis is back. */
function refuseEarly(app: NestFastifyApplication): void {
  const readiness = app.get<Readiness>(READINESS)
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, _reply, done) => {
      if (!request.url.startsWith('/v1/')) return done()
      try {
        readiness.refuseUnready()
        done()
      } catch (error) {
        done(error as Error)
      }
    })
}

async function stop(app: NestFastifyApplication, drainMs: number, log: Log): Promise<void> {
  const { notify } = app.get<StepsNeeds>(STEPS)
  app.get<Readiness>(READINESS).stop()
  // Their readers find the rest at another producer.
  for (const streams of [EVENT_STREAMS, PAGE_STREAMS]) app.get<EventStreams>(streams).end()
  await closeHttp(app, drainMs, () => notify.release()).catch((error: unknown) =>
    log.error('the server did not close', { error }),
  )
  // No connection is left. A request whose caller has just gone may not have heard of it yet.
  notify.release()
  await drainRest(app, drainMs).catch((error: unknown) => log.error('not all was put away', { error }))
  notify.close()
  app.get<ProducerMetrics>(METRICS).close()
  const { jobs, requests } = notify.outstanding
  log.info('closed', { jobsUnderWay: jobs, requestsWaiting: requests })
  await closeConnections(app).catch((error: unknown) => log.error('the connection did not close', { error }))
}

/** Resolves when each request has its answer, or had to go without one. */
async function closeHttp(app: NestFastifyApplication, drainMs: number, release: () => void): Promise<void> {
  const server = app.getHttpServer() as Server
  const deadline = setTimeout(release, drainMs)
  const end = setTimeout(() => server.closeAllConnections(), drainMs + GRACE_MS)
  // A connection whose answer has left would be kept open for the caller's next request.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_MS)
  try {
    await app.close()
  } finally {
    clearTimeout(deadline)
    clearTimeout(end)
    clearInterval(idle)
  }
}

/** A caller that went away may have left steps behind that were not on the queue yet, or a creation. */
async function drainRest(app: NestFastifyApplication, drainMs: number): Promise<void> {
  await inTime(drainMs + GRACE_MS, 'the queue', app.get<StepsNeeds>(STEPS).gather.drain())
  await inTime(drainMs + GRACE_MS, 'a creation', app.get<Creations>(CREATIONS).drain())
  // Its request learns in this same turn that its steps are on the queue, and waits no more.
  await nextTurn()
}

async function closeConnections(app: NestFastifyApplication): Promise<void> {
  const { redis, sendOnce } = app.get<Connections>(CONNECTIONS)
  try {
    await app.get<StepQueue>(QUEUE).close()
  } finally {
    redis.disconnect()
    sendOnce.disconnect()
  }
}
