// Wiring only: what the process is made of, and which part is handed to which.
import { randomUUID } from 'node:crypto'
import { Module, type DynamicModule, type Provider } from '@nestjs/common'
import { openQueue, type StepQueue } from '@cohort/queue'
import { answerChannel, openStore, type Redis, type Store } from '@cohort/store'
import { type Log, nowMs } from '@cohort/telemetry'
import type { ProducerConfig } from './config.js'
import { Creations } from './creations.js'
import { AgentsController } from './http/agents.controller.js'
import { BatchesController } from './http/batches.controller.js'
import { DocsController } from './http/docs.controller.js'
import { HealthController } from './http/health.controller.js'
import { ModelsController } from './http/models.controller.js'
import { PopulationsController } from './http/populations.controller.js'
import { StepsController } from './http/steps.controller.js'
import { ModelShelf } from './model-shelf.js'
import { Readiness } from './readiness.js'
import { openCheckedRedis, type Connections } from './redis.js'
import { Gather } from './steps/gather.js'
import { Notify } from './steps/notify.js'
import type { StepsNeeds } from './steps/post-steps.js'
import { keepRecords, putOnQueue } from './steps/flush.js'
import { WaitingSteps } from './steps/waiting-steps.js'
import { CONFIG, CONNECTIONS, CREATIONS, QUEUE, READINESS, REDIS, SHELF, STEPS, STORE } from './tokens.js'

/** A creation that takes longer is answered with 202. */
const ANSWER_CREATION_MS = 1000

@Module({})
export class ProducerModule {
  static of(config: ProducerConfig, log: Log): DynamicModule {
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
      ],
      providers: providersOf(config, log),
    }
  }
}

function providersOf(config: ProducerConfig, log: Log): Provider[] {
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
    { provide: SHELF, inject: [STORE], useFactory: (store: Store) => new ModelShelf(store) },
    {
      provide: CREATIONS,
      inject: [STORE, SHELF],
      useFactory: (store: Store, shelf: ModelShelf) =>
        new Creations({ store, shelf, limits, log, answerAfterMs: ANSWER_CREATION_MS }),
    },
    {
      provide: STEPS,
      inject: [STORE, QUEUE, SHELF],
      useFactory: (store: Store, queue: StepQueue, shelf: ModelShelf) =>
        openSteps(config, log, { store, queue, shelf }),
    },
  ]
}

async function openSteps(
  { limits, gatherMs, redisMs, waitingSteps }: ProducerConfig,
  log: Log,
  { store, queue, shelf }: Pick<StepsNeeds, 'store' | 'queue' | 'shelf'>,
): Promise<StepsNeeds> {
  const channel = answerChannel(randomUUID())
  const waiting = new WaitingSteps(waitingSteps)
  const notify = await Notify.listen({ store, queue, channel, nowMs, log })
  const gather = new Gather({
    windowMs: gatherMs,
    jobBytes: limits.jobBytes,
    channel,
    nowMs,
    waiting,
    notify,
    keep: (flush) => keepRecords({ store, queue, redisMs }, flush),
    put: (flush) => putOnQueue({ store, queue, redisMs }, flush),
  })
  return { store, queue, shelf, waiting, gather, notify, limits, log, nowMs }
}
