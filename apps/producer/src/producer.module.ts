// Wiring only: what the process is made of, and which part is handed to which.
import { randomUUID } from 'node:crypto'
import { Module, type DynamicModule, type Provider } from '@nestjs/common'
import type { LegTimings } from '@cohort/contracts'
import { openQueue, type StepQueue } from '@cohort/queue'
import { answerChannel, openStore, type Redis, type Store } from '@cohort/store'
import { nowMs, openMetrics, type Log, type Tracing } from '@cohort/telemetry'
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
import { RequestWindow } from './live/request-window.js'
import { Sampler } from './live/sampler.js'
import { ModelShelf } from './model-shelf.js'
import { MetricsController } from './observe/metrics.controller.js'
import { openStepsMeter, type ProducerMetrics } from './observe/steps-meter.js'
import { watch } from './observe/watch.js'
import { Readiness } from './readiness.js'
import { openCheckedRedis, type Connections } from './redis.js'
import { Gather } from './steps/gather.js'
import { Notify } from './steps/notify.js'
import type { StepsNeeds } from './steps/post-steps.js'
import { keepRecords, putOnQueue, type PutNeeds } from './steps/flush.js'
import { WaitingSteps } from './steps/waiting-steps.js'
import {
  CONFIG,
  CONNECTIONS,
  CREATIONS,
  EVENT_STREAMS,
  LIVE,
  METRICS,
  QUEUE,
  READINESS,
  REDIS,
  SHELF,
  STEPS,
  STORE,
} from './tokens.js'

/** A creation that takes longer is answered with 202. */
const ANSWER_CREATION_MS = 1000

@Module({})
export class ProducerModule {
  static of(config: ProducerConfig, log: Log, tracing?: Tracing): DynamicModule {
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

function providersOf(config: ProducerConfig, log: Log, tracing: Tracing | undefined): Provider[] {
  const { limits, resultTtlSeconds } = config
  return [
    { provide: CONFIG, useValue: config },
    { provide: CONNECTIONS, useFactory: () => openCheckedRedis(config, log) },
    { provide: REDIS, inject: [CONNECTIONS], useFactory: ({ redis }: Connections) => redis },
    {
      provide: STORE,
      inject: [REDIS],
      useFactory: async (redis: Redis) => {
        const store = openStore({ redis, resultTtlSeconds })
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
    { provide: METRICS, useFactory: () => openMetrics({ app: 'producer', kernel: '', log }) },
    { provide: EVENT_STREAMS, useFactory: () => new EventStreams(config.eventStreams) },
    { provide: SHELF, inject: [STORE], useFactory: (store: Store) => new ModelShelf(store) },
    {
      provide: CREATIONS,
      inject: [STORE, SHELF],
      useFactory: (store: Store, shelf: ModelShelf) =>
        new Creations({ store, shelf, limits, log, answerAfterMs: ANSWER_CREATION_MS }),
    },
    {
      provide: STEPS,
      inject: [STORE, QUEUE, SHELF, METRICS],
      useFactory: async (store: Store, queue: StepQueue, shelf: ModelShelf, metrics: ProducerMetrics) => {
        const meter = openStepsMeter(metrics)
        const steps = await openSteps(config, log, { store, queue, shelf, meter, tracing })
        watch(metrics, steps)
        return steps
      },
    },
    {
      provide: LIVE,
      inject: [STORE, QUEUE, STEPS],
      useFactory: (store: Store, queue: StepQueue, { waiting, window }: StepsNeeds) =>
        new LiveFeed(new Sampler({ store, queue, waiting, window, nowMs, log })),
    },
  ]
}

async function openSteps(
  { limits, gatherMs, redisMs, waitingSteps }: ProducerConfig,
  log: Log,
  { tracing, ...needs }: Pick<StepsNeeds, 'store' | 'queue' | 'shelf' | 'meter'> & Pick<PutNeeds, 'tracing'>,
): Promise<StepsNeeds> {
  const { store, queue, meter } = needs
  const channel = answerChannel(randomUUID())
  const waiting = new WaitingSteps(waitingSteps)
  const window = new RequestWindow()
  const onUnawaited = (legs: LegTimings) => window.add(legs, { nowMs: nowMs(), waited: false })
  const { answered: onAnswered } = meter
  const notify = await Notify.listen({ store, queue, channel, nowMs, log, onUnawaited, onAnswered })
  const gather = new Gather({
    windowMs: gatherMs,
    jobBytes: limits.jobBytes,
    channel,
    nowMs,
    waiting,
    notify,
    keep: (flush) => keepRecords({ store, queue, redisMs }, flush),
    put: async (flush) => {
      await putOnQueue({ store, queue, redisMs, tracing }, flush)
      meter.queued(flush)
    },
  })
  return { ...needs, waiting, gather, notify, window, limits, log, nowMs }
}
