// For the tests of this folder: a queue of their own, a consumer that notes what it saw, jobs without meaning.
import type { Job } from '@cohort/contracts'
import { after, beforeEach, type TestContext } from 'node:test'
import { startConsumer, type ConsumerOptions, type StepConsumer } from '../consume.js'
import { openQueue, type StepQueue } from '../enqueue.js'
import type { QueueLog } from '../log.js'
import type { Recovery } from '../queues.js'
import { ownRedis, type OwnRedis } from './own-redis.js'

export const TEST_RECOVERY: Recovery = { lockMs: 400, stalledCheckMs: 200, startsAtMost: 10 }
export const silent: QueueLog = { debug: () => {}, warn: () => {}, error: () => {} }

export interface Seen {
  readonly consumer: StepConsumer
  /** Ids in the order in which `run` was called with them. */
  readonly runs: string[]
  readonly failures: { id: string; code: string; detail: string; final: boolean }[]
}

export interface Given extends Partial<ConsumerOptions> {
  readonly run: ConsumerOptions['run']
  readonly redis: OwnRedis['redis']
}

export interface OwnQueue {
  readonly own: OwnRedis
  readonly steps: StepQueue
  /** Starts a consumer that ends with the test. */
  consume(t: TestContext, run: Given['run'], more?: Partial<Given>): Promise<Seen>
}

/** Call it at the top of a test file, once: it is emptied before each test, and ends with the file. */
export async function ownQueue(): Promise<OwnQueue> {
  const own = await ownRedis()
  const steps = openQueue({ redis: own.redis, sendOnce: own.redis, log: silent })
  beforeEach(() => own.call("return redis.call('FLUSHALL')"))
  after(async () => {
    await steps.close()
    await own.stop()
  })
  const consume: OwnQueue['consume'] = (t, run, more = {}) => consumer(t, { redis: own.redis, run, ...more })
  return { own, steps, consume }
}

/** Closed with the test. */
async function consumer(t: TestContext, given: Given): Promise<Seen> {
  const runs: string[] = []
  const failures: Seen['failures'] = []
  const started = await startConsumer({
    concurrency: 2,
    recovery: TEST_RECOVERY,
    log: silent,
    onFailed: async ({ id, error, final }) => {
      failures.push({ id, code: error.code, detail: error.message, final })
    },
    ...given,
    run: (id, data) => {
      runs.push(id)
      return given.run(id, data)
    },
  })
  t.after(() => started.close({ deadlineMs: 1000 }))
  return { consumer: started, runs, failures }
}

/** The queue does not look into a job: only `decodeJob` does. */
export const anyJob = (id: string): { id: string; job: Job } => ({ id, job: { v: 1 } as Job })
