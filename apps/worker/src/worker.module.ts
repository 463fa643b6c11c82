// The composition root of the worker process: everything that lives as long as the process is made here, once.
import { Arena, MatrixCache, Slots } from '@cohort/cache'
import {
  connect,
  openStore,
  requireFitServer,
  untilReached,
  type Redis,
  type Store,
  type WorkerInfo,
} from '@cohort/store'
import type { Log, Tracing } from '@cohort/telemetry'
import { Module, type DynamicModule, type Provider } from '@nestjs/common'
import { openArena, startComputePool, type ComputePool } from './compute-pool.js'
import type { WorkerConfig } from './config.js'
import type { Drain } from './drain.js'
import { startHealth, type Health } from './health.js'
import { BlockLocks } from './job/block-locks.js'
import { Models, type KnownModel } from './job/models.js'
import type { JobNeeds } from './job/run-job.js'
import { watchMemory, type WorkerMetrics } from './observe/metrics.js'
import { Readiness } from './readiness.js'
import { startWorker } from './worker.js'

/** What the process has before there is a worker: its settings, its voices and its end; where it is on, its tracing. */
export interface ProcessNeeds {
  readonly config: WorkerConfig
  readonly log: Log
  readonly drain: Drain
  readonly metrics: WorkerMetrics
  readonly tracing: Tracing | undefined
}

export const HEALTH = Symbol('health')
export const WORKER = Symbol('worker')
const REDIS = Symbol('redis')
const STORE = Symbol('store')
const POOL = Symbol('pool')
const JOBS = Symbol('jobs')

@Module({})
export class WorkerModule {
  static of(needs: ProcessNeeds): DynamicModule {
    return { module: WorkerModule, providers: providersOf(needs) }
  }
}

function providersOf(needs: ProcessNeeds): Provider[] {
  const { config, log, drain, metrics } = needs
  return [
    Readiness,
    {
      provide: HEALTH,
      inject: [Readiness],
      useFactory: (readiness: Readiness) => openHealth(needs, readiness),
    },
    { provide: REDIS, useFactory: () => openRedis(needs) },
    {
      provide: STORE,
      inject: [REDIS],
      useFactory: (redis: Redis) => openCheckedStore(needs, redis),
    },
    { provide: Arena, useFactory: () => openArena(config) },
    {
      provide: POOL,
      inject: [Arena],
      useFactory: (arena: Arena) => startComputePool({ config, log, drain, arena }),
    },
    {
      provide: MatrixCache,
      inject: [Arena],
      useFactory: (arena: Arena) => {
        const cache = new MatrixCache<KnownModel>(arena)
        watchMemory(metrics, { arena, cache })
        return cache
      },
    },
    {
      provide: JOBS,
      inject: [Arena, MatrixCache, STORE, POOL],
      useFactory: (
        arena: Arena,
        cache: MatrixCache<KnownModel>,
        store: Store,
        pool: ComputePool,
      ): JobNeeds => ({
        memory: arena.memory,
        models: new Models({ cache, store, pool }),
        slots: new Slots(arena),
        locks: new BlockLocks(),
        store,
        pool,
        hungMs: config.hungMs,
        affinity: config.affinity,
        log,
      }),
    },
    {
      provide: WORKER,
      // The health endpoint is up before jobs are taken: a port that is in use must not be found with jobs in hand.
      inject: [REDIS, STORE, POOL, JOBS, Readiness, HEALTH],
      useFactory: (
        redis: Redis,
        store: Store,
        pool: ComputePool,
        jobs: JobNeeds,
        readiness: Readiness,
      ): Promise<WorkerInfo> => startWorker({ ...needs, redis, store, pool, jobs, readiness }),
    },
  ]
}

async function openHealth(
  { config, log, drain, metrics }: ProcessNeeds,
  readiness: Readiness,
): Promise<Health> {
  const health = await startHealth({
    host: config.healthHost,
    port: config.healthPort,
    missing: () => readiness.missing(),
    metrics,
  })
  log.info('health endpoint', { url: health.url })
  drain.opened('health endpoint', () => health.close())
  return health
}

function openRedis({ config, log, drain }: ProcessNeeds): Redis {
  const redis = connect(config.redisUrl, {
    name: 'cohort-worker',
    onError: (error) => log.warn('redis', { error }),
  })
  drain.opened('redis', () => redis.disconnect())
  return redis
}

/** Waits for Redis for a while; rejects with `redis_unavailable`, or `redis_unfit` where it cannot be used. */
async function openCheckedStore({ config, log }: ProcessNeeds, redis: Redis): Promise<Store> {
  const onWait = (reason: string) => log.warn('waiting for Redis', { reason })
  await untilReached([redis], { url: config.redisUrl, onWait })
  await requireFitServer(redis, log)
  const store = openStore({ redis, resultTtlSeconds: config.resultTtlSeconds })
  await store.checkLayout()
  return store
}
