// leg: queue. Puts jobs on the queue, and answers for them afterwards. Next: consume.ts, in a worker.
import { Queue, type ConnectionOptions } from 'bullmq'
import { setTimeout as sleep } from 'node:timers/promises'
import { CohortError, type Job } from '@cohort/contracts'
import { failureOf, isConnectionError, type Failure } from './failure.js'
import type { QueueLog } from './log.js'
import { JOB_OPTIONS, KEPT_EVENTS, PREFIX, STEPS } from './queues.js'

/** `gone`: finished and removed, or never there: its result says which. */
export type JobState =
  | { readonly state: 'queued' | 'active' | 'gone' }
  | ({ readonly state: 'failed' } & Failure)

export interface StepQueue {
  /**
   * Adds each job once: an id that is on the queue, or failed within the hour, is left as it is, so the same add may be
   * sent again. An id that has finished would be added anew: the commit knows it by its result.
   * Throws `redis_unavailable` when the connection broke under each of several tries: any of the jobs may be there.
   */
  enqueue(jobs: readonly { readonly id: string; readonly job: Job }[]): Promise<void>
  /** What became of a job, from any process: also when the worker that saw it fail died before it could say so. */
  state(id: string): Promise<JobState>
  /** Jobs that are not done: waiting, put off for another attempt, or active. */
  depth(): Promise<number>
  close(): Promise<void>
}

/** `redis`: a connection of the caller's, which stays the caller's to close. */
export function openQueue(options: { readonly redis: ConnectionOptions; readonly log: QueueLog }): StepQueue {
  const queue = new Queue(STEPS, {
    connection: options.redis,
    prefix: PREFIX,
    defaultJobOptions: JOB_OPTIONS,
    streams: { events: { maxLen: KEPT_EVENTS } },
  })
  // The connection's owner reports its troubles; here they only must not go unheard.
  queue.on('error', (error) => options.log.debug('queue connection', { error }))
  return {
    enqueue: (jobs) => add(queue, jobs),
    state: (id) => stateOf(queue, id),
    depth: () => queue.getJobCountByTypes('waiting', 'delayed', 'prioritized', 'active'),
    close: () => queue.close(),
  }
}

const ADDS_AT_MOST = 5
const ADD_AGAIN_MS = 50

/** A bulk is a pipeline, not a transaction: when the connection breaks in it, nobody knows which of its jobs are there. */
async function add(queue: Queue, jobs: Parameters<StepQueue['enqueue']>[0]): Promise<void> {
  const entries = jobs.map(({ id, job }) => ({ name: STEPS, data: job, opts: { jobId: id } }))
  for (let tries = 1; ; tries++) {
    try {
      await queue.addBulk(entries)
      return
    } catch (error) {
      if (!isConnectionError(error)) throw error
      if (tries === ADDS_AT_MOST) {
        throw new CohortError('redis_unavailable', 'the queue could not be reached', { cause: error })
      }
      await sleep(ADD_AGAIN_MS * tries)
    }
  }
}

async function stateOf(queue: Queue, id: string): Promise<JobState> {
  const state = await queue.getJobState(id)
  if (state === 'active') return { state }
  if (state === 'failed') return { state, ...(await failureOfJob(queue, id)) }
  return { state: state === 'completed' || state === 'unknown' ? 'gone' : 'queued' }
}

async function failureOfJob(queue: Queue, id: string): Promise<Failure> {
  const client = await queue.getBackend().client
  return failureOf((await client.hget(queue.toKey(id), 'failedReason')) ?? 'the reason is no longer kept')
}
