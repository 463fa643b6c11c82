// For tests: a worker in this process, on a real Redis, queue and compute threads: its legs alone, or all of it.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { type Arena, MatrixCache, Slots } from '@cohort/cache'
import type { Job, JobResult } from '@cohort/contracts'
import { openQueue } from '@cohort/queue'
import { openStore, type Store } from '@cohort/store'
import { SILENT } from '@cohort/telemetry'
import { openArena, startComputePool } from '../compute-pool.js'
import { readConfig } from '../config.js'
import { Drain } from '../drain.js'
import { BlockLocks } from '../job/block-locks.js'
import { Models, type KnownModel } from '../job/models.js'
import { runJob, type JobNeeds } from '../job/run-job.js'
import { Readiness } from '../readiness.js'
import { startWorker } from '../worker.js'
import { aModel, storeModel, type KnownModel as StoredModel } from './agents.js'
import { startRedis, type TestRedis } from './redis.js'

export interface Workshop {
  /** What a worker process is given as REDIS_URL. */
  readonly url: string
  readonly redis: TestRedis['redis']
  readonly store: Store
  readonly needs: JobNeeds
  readonly arena: Arena
  /** On the queue, where it stays: as a worker has it while it runs it. */
  put(...jobs: readonly { id: string; job: Job }[]): Promise<void>
  /** Runs a job that was put; resolves to its stored result. `needs` replace some of the workshop's own. */
  run(job: { id: string; job: Job }, needs?: Partial<JobNeeds>): Promise<JobResult | undefined>
  /** From now on a worker in this process takes what was put. */
  work(hears: Pick<Parameters<typeof startWorker>[0], 'metrics' | 'log'>): Promise<void>
  close(): Promise<void>
}

/** Variables of a worker's environment, beside those that any test has; and what no variable says. */
interface WorkshopSettings {
  readonly [variable: `COHORT_${string}`]: string
  readonly threadFile?: URL
  readonly heapMiB?: number
}

/**
 * Call it at the top of a test file, once: a workshop that ends with the file, and a model in its store.
 */
export async function ownWorkshop(
  threads?: number,
  settings?: WorkshopSettings,
): Promise<{ shop: Workshop; model: StoredModel }> {
  const shop = await openWorkshop(threads, settings)
  after(() => shop.close())
  return { shop, model: await storeModel(shop.store, aModel()) }
}

/** What a job answered that must have run. */
export function completed(result: JobResult | undefined): Extract<JobResult, { ok: true }> {
  assert.ok(result?.ok, JSON.stringify(result))
  return result
}

async function openWorkshop(
  threads = 2,
  { threadFile, heapMiB, ...settings }: WorkshopSettings = {},
): Promise<Workshop> {
  const server = await startRedis()
  const { redis } = server
  const config = readConfig({
    REDIS_URL: server.url,
    COHORT_THREADS: String(threads),
    COHORT_PINNING: 'off',
    COHORT_LOG_LEVEL: 'silent',
    ...settings,
  })
  const log = SILENT
  const drain = new Drain({ log, deadlineMs: 1000, exit: () => {} })
  const store = openStore({ redis, resultTtlSeconds: 60 })
  await store.checkLayout()
  const queue = openQueue({ redis, sendOnce: redis, log })
  const arena = openArena(config)
  const pool = await startComputePool({
    config,
    log,
    drain,
    arena,
    ...(threadFile === undefined ? {} : { threadFile }),
    ...(heapMiB === undefined ? {} : { heapMiB }),
  })
  const models = new Models({ cache: new MatrixCache<KnownModel>(arena), store, pool })
  const needs: JobNeeds = {
    memory: arena.memory,
    models,
    slots: new Slots(arena),
    locks: new BlockLocks(),
    store,
    pool,
    hungMs: config.hungMs,
    affinity: config.affinity,
    log,
  }
  return {
    url: server.url,
    redis,
    store,
    needs,
    arena,
    put: async (...jobs) => void (await queue.enqueue(jobs)),
    async run({ id, job }, others = {}) {
      await runJob({ ...needs, ...others }, id, job)
      const [result] = await store.answers.read([id])
      return result
    },
    async work(hears) {
      const around = { config, drain, tracing: undefined, redis, store, pool, readiness: new Readiness() }
      await startWorker({ ...around, ...hears, jobs: needs })
    },
    async close() {
      await drain.begin('the test is over')
      await queue.close()
      await server.stop()
    },
  }
}
