// For tests: batches as gather hands them on, without a population or a worker behind them, and who waits for them.
import { randomUUID } from 'node:crypto'
import { batchId, JOB_VERSION, jobId, type BatchId } from '@cohort/contracts'
import { encodeObservations, openQueue } from '@cohort/queue'
import { openStore } from '@cohort/store'
import { nowMs, SILENT } from '@cohort/telemetry'
import type { AdmittedSteps } from '../steps/admit.js'
import type { Flush } from '../steps/flush.js'
import { Notify } from '../steps/notify.js'
import { Observers } from '../steps/observer.js'
import { atTheEnd, startRedis } from './support.js'

/** Where their answers are heard. */
export const CHANNEL = 'cohort:answers:test'

export const NOBODY = new Observers(SILENT, [])

/** Before the tests: a Notify alone, on a Redis of its own, ended after them. `clock`: by which it looks itself. */
export async function startNotify(clock = nowMs) {
  const ended = atTheEnd()
  const server = await startRedis()
  ended(() => server.stop())
  const store = openStore({ redis: server.redis, resultTtlSeconds: 60 })
  const queue = openQueue({ redis: server.redis, sendOnce: server.redis, log: SILENT })
  ended(() => queue.close())
  const needs = { store, queue, channel: CHANNEL, nowMs: clock, log: SILENT, observer: NOBODY }
  const notify = await Notify.listen(needs)
  ended(async () => notify.close())
  return { server, store, queue, notify }
}

/** A batch of one step in each of `jobs` jobs, waited for. */
export function aFlush(jobs: number): Flush & { readonly batch: BatchId } {
  const batch = batchId(randomUUID())
  const ids = Array.from({ length: jobs }, () => jobId(randomUUID()))
  const agents = Uint32Array.from(ids, (_, i) => i * 256)
  const pending = { batch, waitMs: 30_000, agents } as AdmittedSteps
  const marks = { arrived: 1, admitted: 2, added: 3 }
  const parts = (i: number) => [
    { population: 'p', generation: '0'.repeat(16), block: i, rows: 1, index: [0] },
  ]
  return {
    batch,
    pending: [pending],
    records: [
      {
        record: {
          id: batch,
          population: 'p',
          return: ['step'],
          agents,
          marks,
          jobs: ids.map((id, i) => ({ jobId: id, rows: [0], positions: [i] })),
        },
        claim: undefined,
      },
    ],
    jobs: ids.map((id, i) => ({
      id,
      job: {
        v: JOB_VERSION,
        model: 'a'.repeat(64),
        parts: parts(i),
        count: 1,
        obs: encodeObservations([new Int32Array(1)]),
        return: ['step'],
        origins: [{ batch, from: 0, count: 1 }],
        channel: CHANNEL,
        addedMs: 3,
      },
    })),
    addedMs: 3,
  }
}
