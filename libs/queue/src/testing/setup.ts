// For the tests of this folder: a consumer that notes what it saw, jobs without meaning, and a log that says nothing.
import type { Job } from '@cohort/contracts'
import type { TestContext } from 'node:test'
import { startConsumer, type ConsumerOptions, type StepConsumer } from '../consume.js'
import type { QueueLog } from '../log.js'
import type { Recovery } from '../queues.js'
import type { OwnRedis } from './own-redis.js'

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

/** Closed with the test. */
export async function consumer(t: TestContext, given: Given): Promise<Seen> {
  const runs: string[] = []
  const failures: Seen['failures'] = []
  const started = await startConsumer({
    concurrency: 2,
    recovery: TEST_RECOVERY,
    log: silent,
    onFailed: async (id, _data, error, final) => {
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
