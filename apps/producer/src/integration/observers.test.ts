// Promises to those who step: whoever hears of it may fail, the steps are done once and answered all the same.
import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import { DEFAULT_LIMITS } from '@cohort/contracts'
import { openQueue } from '@cohort/queue'
import { connect, openStore, type Redis } from '@cohort/store'
import { nowMs, SILENT, type Tracing } from '@cohort/telemetry'
import { ModelShelf } from '../model-shelf.js'
import { quietTracing } from '../observe/quiet-tracing.js'
import { keepRecords, putOnQueue } from '../steps/flush.js'
import { Gather } from '../steps/gather.js'
import { Notify } from '../steps/notify.js'
import { Observers, type StepsObserver } from '../steps/observer.js'
import { postSteps, type StepsNeeds } from '../steps/post-steps.js'
import { WaitingSteps } from '../steps/waiting-steps.js'
import { makePopulation } from './calls.js'
import { aFlush, CHANNEL as channel } from './flushes.js'
import { aProducer, end, startRedis, startWorker, type Running, type TestRedis } from './support.js'

let server: TestRedis
let redis: Redis
let worker: Running
before(async () => {
  server = await startRedis()
  redis = connect(server.url, { name: 'test', onError: () => {} })
  worker = await startWorker(server.url)
  const producer = await aProducer(server.url)
  await makePopulation(producer.url, 'p', 4)
  await producer.stop()
})
after(async () => {
  await end(worker)
  redis.disconnect()
  await server.stop()
})

const broken = (): never => {
  throw new Error('planted')
}

/** What spans hear, until they have heard too much. */
const brokenTracing = {
  request: () => ({
    sampled: true,
    traceId: 'a'.repeat(32),
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    tracestate: undefined,
    run: (call: () => void) => call(),
    leg: broken,
    note: broken,
    end: broken,
  }),
  send: () => ({ metadata: undefined, end: broken, fail: broken }),
  spansLost: () => 0,
} satisfies Pick<Tracing, 'request' | 'send' | 'spansLost'>

async function stepping(t: TestContext, all: readonly Partial<StepsObserver>[]) {
  const errors: string[] = []
  const log = { ...SILENT, error: (message: string) => void errors.push(message) }
  const observer = new Observers(log, all)
  const tracing = quietTracing(brokenTracing, log)
  const store = openStore({ redis, resultTtlSeconds: 60 })
  const queue = openQueue({ redis, sendOnce: redis, log })
  const waiting = new WaitingSteps(100)
  const notify = await Notify.listen({ store, queue, channel, nowMs, log, observer })
  const flushNeeds = { store, queue, redisMs: 10_000, tracing }
  const gather = new Gather({
    windowMs: 2,
    jobBytes: DEFAULT_LIMITS.jobBytes,
    channel,
    nowMs,
    waiting,
    notify,
    observer,
    keep: (flush) => keepRecords(flushNeeds, flush),
    put: (flush) => putOnQueue(flushNeeds, flush),
  })
  t.after(async () => {
    notify.close()
    await queue.close()
  })
  const shelf = new ModelShelf(store)
  const limits = DEFAULT_LIMITS
  const needs: StepsNeeds = { store, queue, shelf, limits, waiting, nowMs, gather, notify, observer, log }
  return {
    needs,
    flushNeeds,
    errors,
    post: (waitMs: number, step: number) => {
      const body = { population: 'p', agents: [1], observations: [[0]], waitMs, t: step }
      const trace = tracing.request({ ...ARRIVAL, startMs: nowMs() })
      const { signal } = new AbortController()
      return postSteps(needs, { body, idempotencyKey: undefined, arrivedMs: nowMs(), signal, trace })
    },
  }
}

const ARRIVAL = {
  method: 'POST',
  route: '/v1/steps',
  path: '/v1/steps',
  scheme: 'http',
  userAgent: undefined,
  traceparent: undefined,
  tracestate: undefined,
}

test('with listeners and spans that throw, steps are done once, answered, and told to the others', async (t) => {
  const heard: string[] = []
  const { needs, errors, post } = await stepping(t, [
    { queued: broken, answered: broken, ended: broken },
    {
      queued: ({ jobs }) => heard.push(`queued ${jobs.length}`),
      answered: (steps, result) => heard.push(`answered ${steps} ${result?.ok}`),
      ended: ({ waited }) => heard.push(`ended ${waited}`),
    },
  ])
  const answer = await post(30_000, 0)
  assert.deepEqual([answer.kind, answer.batch.status], ['ended', 'completed'])
  assert.deepEqual(heard.splice(0), ['queued 1', 'answered 1 true', 'ended true'])
  // Done once: the agent is at its next step. Nobody waits for this one.
  assert.equal((await post(0, 1)).kind, 'accepted')
  while (needs.notify.outstanding.jobs > 0) await redis.ping()
  assert.deepEqual(heard, ['queued 1', 'ended false', 'answered 1 true'])
  assert.deepEqual([needs.waiting.count, needs.notify.outstanding], [0, { jobs: 0, requests: 0 }])
  assert.equal(errors.length, 1, errors.join())
})

test('where the queue does not take them, the refusal is what its caller hears, though spans fail', async (t) => {
  const { errors, flushNeeds } = await stepping(t, [])
  await server.redis.config('SET', 'maxmemory', '1')
  await assert.rejects(putOnQueue({ ...flushNeeds, redisMs: 50 }, aFlush(2)), { code: 'redis_unavailable' })
  await server.redis.config('SET', 'maxmemory', '0')
  assert.equal(errors.length, 1, errors.join())
})
