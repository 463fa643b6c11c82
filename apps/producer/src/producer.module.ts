// Wiring only: what the process is made of, and which part is handed to which.
import { randomUUID } from 'node:crypto'
import { Module, type DynamicModule, type Provider } from '@nestjs/common'
import { openQueue, type StepQueue } from '@cohort/queue'
import { answerChannel, openStore, type Redis, type Store } from '@cohort/store'
import { nowMs, openMetrics, type Log } from '@cohort/telemetry'
import type { ProducerConfig } from './config.js'
import { Creations } from './creations.js'
import { AgentsController } from './http/agents.controller.js'
import { BatchesController } from './http/batches.controller.js'
import { DocsController } from './http/docs.controller.js'
import { EventStreams } from './http/event-streams.js'
import { HealthController } from './http/health.controller.js'
import { ModelsController } from './http/models.controller.js'
import { PopulationsController } from './http/populations.controller.js'
import { StepsController } from './http/steps.controller.js'
import { LiveFeed } from './live/feed.js'
import { PAGE_STREAMS_LIMITS } from './live/live-page.js'
import { RequestWindow } from './live/request-window.js'
import { Sampler } from './live/sampler.js'
import { ModelShelf } from './model-shelf.js'
import { MetricsController } from './observe/metrics.controller.js'
import type { ProducerTracing } from './observe/quiet-tracing.js'
import { openStepsMeter, type ProducerMetrics } from './observe/steps-meter.js'
import { Readiness } from './readiness.js'
import { openCheckedRedis, type Connections } from './redis.js'
import { Gather } from './steps/gather.js'
import { Notify } from './steps/notify.js'
import { Observers } from './steps/observer.js'
import type { StepsNeeds } from './steps/post-steps.js'
import { keepRecords, putOnQueue } from './steps/flush.js'
import { WaitingSteps } from './steps/waiting-steps.js'
import {
  CONFIG,
  CONNECTIONS,
  CREATIONS,
  EVENT_STREAMS,
  LIVE,
  METRICS,
  OBSERVERS,
  PAGE_STREAMS,
  QUEUE,
  READINESS,
  REDIS,
  SHELF,
  STEPS,
  STORE,
  WINDOW,
} from './tokens.js'

/** A creation that takes longer is answered with 202. */
const ANSWER_CREATION_MS = 1000

const DAMAGED_WORKER = 'what a worker says of itself is damaged: it is not counted'

@Module({})
export class ProducerModule {
  static of(config: ProducerConfig, log: Log, tracing?: ProducerTracing): DynamicModule {
    return {
      module: ProducerModule,
      controllers: [
        ModelsController,
        PopulationsController,
        AgentsController,
        StepsController,
        BatchesController,
        HealthController,
        DocsController,
        MetricsController,
      ],
      providers: providersOf(config, log, tracing),
    }
  }
}

function providersOf(config: ProducerConfig, log: Log, tracing: ProducerTracing | undefined): Provider[] {
  const { limits, resultTtlSeconds, eventStreams, waitingSteps } = config
  return [
    { provide: CONFIG, useValue: config },
    { provide: CONNECTIONS, useFactory: () => openCheckedRedis(config, log) },
    { provide: REDIS, inject: [CONNECTIONS], useFactory: ({ redis }: Connections) => redis },
    {
      provide: STORE,
      inject: [REDIS],
      useFactory: async (redis: Redis) => {
        const onDamagedWorker = (worker: string) => log.warn(DAMAGED_WORKER, { worker })
        const store = openStore({ redis, resultTtlSeconds, onDamagedWorker })
        await store.checkLayout()
        return store
      },
    },
    {
      provide: QUEUE,
      inject: [CONNECTIONS],
      useFactory: (connections: Connections) => openQueue({ ...connections, log }),
    },
    {
      provide: READINESS,
      inject: [REDIS, STORE],
      useFactory: (redis: Redis, store: Store) => new Readiness(redis, store),
    },
    { provide: METRICS, useFactory: () => openMetrics({ app: 'producer', kernel: '', log, tracing }) },
    {
      provide: EVENT_STREAMS,
      useFactory: () => new EventStreams({ streams: eventStreams, steps: waitingSteps }),
    },
    { provide: PAGE_STREAMS, useFactory: () => new EventStreams(PAGE_STREAMS_LIMITS) },
    { provide: WINDOW, useFactory: () => new RequestWindow() },
    { provide: SHELF, inject: [STORE], useFactory: (store: Store) => new ModelShelf(store) },
    {
      provide: CREATIONS,
      inject: [STORE, SHELF],
      useFactory: (store: Store, shelf: ModelShelf) =>
        new Creations({ store, shelf, limits, log, answerAfterMs: ANSWER_CREATION_MS }),
    },
    {
      provide: OBSERVERS,
      inject: [METRICS, WINDOW],
      useFactory: (metrics: ProducerMetrics, window: RequestWindow) =>
        new Observers(log, [openStepsMeter(metrics), window]),
    },
    {
      provide: STEPS,
      inject: [STORE, QUEUE, SHELF, OBSERVERS],
      useFactory: (store: Store, queue: StepQueue, shelf: ModelShelf, observer: Observers) =>
        openSteps(config, { store, queue, shelf, observer, log, tracing }),
    },
    {
      provide: LIVE,
      inject: [STORE, QUEUE, STEPS, WINDOW],
      useFactory: (store: Store, queue: StepQueue, { waiting }: StepsNeeds, window: RequestWindow) =>
        new LiveFeed(new Sampler({ store, queue, waiting, window, nowMs, log })),
    },
  ]
}

type OpenNeeds = Pick<StepsNeeds, 'store' | 'queue' | 'shelf' | 'observer' | 'log'> & {
  readonly tracing: ProducerTracing | undefined
}

async function openSteps(
  { limits, gatherMs, redisMs, waitingSteps }: ProducerConfig,
  { tracing, ...needs }: OpenNeeds,
): Promise<StepsNeeds> {
  const { store, queue, observer, log } = needs
  const channel = answerChannel(randomUUID())
  const waiting = new WaitingSteps(waitingSteps)
  const notify = await Notify.listen({ store, queue, channel, nowMs, log, observer })
  const gather = new Gather({
    windowMs: gatherMs,
    jobBytes: limits.jobBytes,
    channel,
    nowMs,
    waiting,
    notify,
    observer,
    keep: (flush) => keepRecords({ store, queue, redisMs }, flush),
    put: (flush) => putOnQueue({ store, queue, redisMs, tracing }, flush),
  })
  return { ...needs, waiting, gather, notify, limits, nowMs }
}
