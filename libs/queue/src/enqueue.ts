// leg: queue. Puts jobs on the queue, and answers for them afterwards. Next: consume.ts, in a worker.
import { Queue, type ConnectionOptions } from 'bullmq'
import { setTimeout as sleep } from 'node:timers/promises'
import { ADD_WITHIN_MS, CohortError, type Job } from '@cohort/contracts'
import type { BoardServer } from './board.js'
import { failureOf, isConnectionError, type Failure } from './failure.js'
import type { QueueLog } from './log.js'
import { pressureOf, type Pressure } from './pressure.js'
import { JOB_OPTIONS, KEPT_EVENTS, PREFIX, STEPS } from './queues.js'

/** `gone`: finished and removed, or never there: its result says which. */
export type JobState =
  | { readonly state: 'queued' | 'active' | 'gone' }
  | ({ readonly state: 'failed' } & Failure)

export interface QueuedJob {
  readonly id: string
  readonly job: Job
  /** What BullMQ's telemetry finds with the job where it is taken: the trace of who put it there. */
  readonly metadata?: string | undefined
}

export interface StepQueue {
  /**
   * Adds each job once: an id that is on the queue, or failed within the hour, is left as it is, so the same add may be
   * sent again. An id that has finished is added anew, without its mark: the commit knows it by its stored answer, for
   * as long as that is kept. So the last add goes out within seconds of the first, on a connection that sends a command
   * once, and `again` tells the caller to see to the marks (`store.answers.markAnswered`) before it says so.
   * Throws `redis_unavailable` when the connection broke under each of several tries: any of the jobs may be there.
   */
  enqueue(jobs: readonly QueuedJob[]): Promise<'once' | 'again'>
  /** What became of a job, from any process: also when the worker that saw it fail died before it could say so. */
  state(id: string): Promise<JobState>
  /** How much waits, and since when. Cheap: however much it is. */
  pressure(): Promise<Pressure>
  /** Gives a server the pages of Bull Board, which change nothing. */
  show(server: BoardServer): Promise<void>
  close(): Promise<void>
}

export interface QueueOptions {
  /** For questions. Both connections are the caller's, and stay the caller's to close. */
  readonly redis: ConnectionOptions
  /** For adds: one that sends a command once (`sendOnce` of `connect`). */
  readonly sendOnce: ConnectionOptions
  readonly log: QueueLog
}

export function openQueue({ redis, sendOnce, log }: QueueOptions): StepQueue {
  const open = (connection: ConnectionOptions) => {
    const queue = new Queue(STEPS, {
      connection,
      prefix: PREFIX,
      defaultJobOptions: JOB_OPTIONS,
      streams: { events: { maxLen: KEPT_EVENTS } },
    })
    // The connection's owner reports its troubles; here they only must not go unheard.
    queue.on('error', (error) => log.debug('queue connection', { error }))
    return queue
  }
  const adds = open(sendOnce)
  const questions = open(redis)
  return {
    enqueue: (jobs) => add(adds, jobs),
    state: (id) => stateOf(questions, id),
    pressure: () => pressureOf(questions),
    // Loaded where it is asked for: a worker has no pages.
    show: async (server) => (await import('./board.js')).showQueue(questions, server, log),
    close: async () => void (await Promise.all([adds.close(), questions.close()])),
  }
}

const ADD_AGAIN_MS = 50
const LONGEST_PAUSE_MS = 500

/** A bulk is a pipeline, no transaction: when the connection breaks in it, nobody knows which of its jobs are there. */
async function add(queue: Queue, jobs: readonly QueuedJob[]): ReturnType<StepQueue['enqueue']> {
  const entries = jobs.map(({ id, job, metadata }) => {
    const telemetry = metadata === undefined ? {} : { telemetry: { metadata } }
    return { name: STEPS, data: job, opts: { jobId: id, ...telemetry } }
  })
  const endMs = performance.now() + ADD_WITHIN_MS
  for (let tries = 1; ; tries++) {
    try {
      await queue.addBulk(entries)
      return tries === 1 ? 'once' : 'again'
    } catch (error) {
      if (!isConnectionError(error)) throw error
      const pauseMs = Math.min(ADD_AGAIN_MS * tries, LONGEST_PAUSE_MS)
      if (performance.now() + pauseMs > endMs) {
        throw new CohortError('redis_unavailable', 'the queue could not be reached', { cause: error })
      }
      await sleep(pauseMs)
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
