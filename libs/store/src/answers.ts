// Answers to jobs: published on the channel of the producer that asked, and stored for a message that was missed.
import { CohortError, failedResult, RESULT_VERSION, type ErrorCode, type JobResult } from '@cohort/contracts'
import type { Redis } from 'ioredis'
import { commitJob, type Pointer } from './blocks/commit.js'
import type { CommitOutcome } from './blocks/seam.js'
import { keys } from './keys.js'
import { answered, answeredAll } from './redis-error.js'
import { run } from './scripts.js'

export interface Answers {
  /**
   * Calls `onAnswer` for each answer published on `channel`; its `result` is undefined where the job was applied
   * but what it answered was kept for its time and is gone. Messages are lost while the connection is away: `onGap`
   * is called when the subscription stands again, and whoever waits then reads what may have come meanwhile.
   */
  subscribe(channel: string, onAnswer: OnAnswer, onGap?: () => void): Promise<Subscription>
  /** Stored results; undefined where there is none yet, or none any more. */
  read(jobIds: readonly string[]): Promise<(JobResult | undefined)[]>
  /** Which of them have a stored result; none is read. */
  areKept(jobIds: readonly string[]): Promise<boolean[]>
  /**
   * Answers a job that failed for good. `already`: it has an answer, which stands and is published again. A commit
   * that comes later finds this one: no step is applied under an answer that says it failed. `gone`: the job was
   * removed, nothing was written.
   */
  fail(job: FailedJob): Promise<CommitOutcome['outcome']>
  /**
   * To be called for jobs that were put on the queue a second time, while their answers are surely still kept: those
   * that were answered meanwhile get the mark that their removal took away, for as long as they can be delivered.
   */
  markAnswered(jobs: readonly Pick<FailedJob, 'jobId' | 'jobKey'>[]): Promise<void>
}

export type OnAnswer = (jobId: string, result: JobResult | undefined) => void

export interface Subscription {
  close(): void
}

export interface FailedJob {
  readonly jobId: string
  /** The job's hash, where the mark is that it is answered. */
  readonly jobKey: string
  readonly channel: string
  readonly code: ErrorCode
  readonly detail: string
}

/** Results read in one round trip; one may be some megabytes. */
const READ_CHUNK = 16

export function openAnswers(redis: Redis, ttlSeconds: number): Answers {
  const read = (jobIds: readonly string[]) => readResults(redis, jobIds)
  return {
    read,
    async areKept(jobIds) {
      const pipeline = redis.pipeline()
      for (const jobId of jobIds) pipeline.exists(keys.result(jobId))
      return (await answeredAll(pipeline)).map((count) => count === 1)
    },
    async fail({ jobId, jobKey, channel, code, detail }) {
      const result = JSON.stringify(failedResult(jobId, { code, detail }))
      const request = { jobId, jobKey, channel, result, parts: [] }
      return (await commitJob(redis, request, ttlSeconds)).outcome
    },
    async markAnswered(jobs) {
      const names = jobs.flatMap(({ jobId, jobKey }) => [jobKey, keys.result(jobId)])
      await run(redis, 'answers-mark', { keys: names, args: [] })
    },
    subscribe(channel, onAnswer, onGap = () => {}) {
      const report = (error: unknown) => redis.emit('error', error)
      const answerTo = async (message: string) => {
        const answer = parseMessage(message)
        return { jobId: answer.jobId, result: 'stored' in answer ? (await read([answer.jobId]))[0] : answer }
      }
      // What `onAnswer` throws is its owner's: it is not reported as a fault of the connection.
      const onMessage = (message: string) =>
        void answerTo(message).then(({ jobId, result }) => onAnswer(jobId, result), report)
      return listen(redis, channel, { onMessage, onGap, report })
    },
  }
}

interface Listener {
  readonly onMessage: (message: string) => void
  readonly onGap: () => void
  /** Faults of the connection go where those of the main one go. */
  readonly report: (error: unknown) => void
}

function listen(
  redis: Redis,
  channel: string,
  { onMessage, onGap, report }: Listener,
): Promise<Subscription> {
  // Subscribed by hand at each `ready`, so that it is known when the subscription stands again.
  const subscriber = redis.duplicate({ autoResubscribe: false, lazyConnect: false })
  subscriber.on('error', report)
  subscriber.on('message', (_channel, message) => onMessage(message))
  const close = () => subscriber.disconnect()
  return new Promise((resolve, reject) => {
    let begun = false
    const onSubscribed = () => {
      if (begun) return onGap()
      begun = true
      resolve({ close })
    }
    subscriber.on('ready', () => void subscriber.subscribe(channel).then(onSubscribed, report))
    subscriber.once('end', () =>
      reject(new CohortError('redis_unavailable', `the subscription to ${channel} ended`)),
    )
  })
}

async function readResults(redis: Redis, jobIds: readonly string[]): Promise<(JobResult | undefined)[]> {
  const results: (JobResult | undefined)[] = []
  for (let from = 0; from < jobIds.length; from += READ_CHUNK) {
    const chunk = jobIds.slice(from, from + READ_CHUNK)
    const texts = await answered(redis.mget(chunk.map(keys.result)))
    chunk.forEach((jobId, i) => results.push(parseResult(jobId, texts[i] ?? null)))
  }
  return results
}

/** A damaged result is an answer too: the others of the batch are not held up by it. */
function parseResult(jobId: string, text: string | null): JobResult | undefined {
  if (text === null) return undefined
  try {
    const answer = parseMessage(text)
    if (!('stored' in answer) && answer.jobId === jobId) return answer
    return damaged(jobId, `it is of ${answer.jobId}`)
  } catch (error) {
    return damaged(jobId, String(error))
  }
}

const damaged = (jobId: string, why: string): JobResult =>
  failedResult(jobId, { code: 'corrupt_record', detail: `the stored result is damaged: ${why}` })

/** Checked as far as it takes to tell who is answered and how, and to count and read what is answered. */
function parseMessage(text: string): JobResult | Pointer {
  const message: unknown = JSON.parse(text)
  if (!isObject(message) || !isAnswer(message))
    throw new CohortError('corrupt_record', `not an answer: ${text.slice(0, 120)}`)
  return message as unknown as JobResult | Pointer
}

function isAnswer({ v, jobId, stored, ok, ...rest }: Readonly<Record<string, unknown>>): boolean {
  if (v !== RESULT_VERSION || typeof jobId !== 'string') return false
  if (ok === true)
    return (
      isObject(rest['columns']) &&
      isObject(rest['marks']) &&
      Array.isArray(rest['errors']) &&
      rest['errors'].every(isObject)
    )
  if (ok === false) return typeof rest['code'] === 'string' && typeof rest['detail'] === 'string'
  return ok === undefined && stored === true
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
