// The spans of jobs: gathered from several requests, failed, and put on the queue by strangers.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { CohortError, type Job, jobId, LEGS, Variables } from '@cohort/contracts'
import { openQueue, startConsumer, type StepQueue } from '@cohort/queue'
import { connect, type Redis } from '@cohort/store'
import { readTracing, SILENT, startTracing } from '@cohort/telemetry'
import { aPopulation } from '../support/builders.js'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.js'
import { startRedis } from '../support/processes.js'
import { startSystem, type System } from '../support/system.js'
import {
  aCaller,
  type Caller,
  ERROR_STATUS,
  named,
  orphansIn,
  SERVER_KIND,
  tracedTo,
  traceOf,
} from '../support/traces.js'
import { until } from '../support/until.js'

const QUIET = { debug: () => {}, warn: () => {}, error: () => {} }

let receiver: OtlpReceiver
let system: System
let redis: Redis
let queue: StepQueue
before(async () => {
  receiver = await startOtlpReceiver()
  // What comes while a job is under way is gathered for so long that all of it comes together.
  system = await startSystem({ workers: 1, env: { ...tracedTo(receiver), COHORT_GATHER_MS: '1000' } })
  redis = connect(system.redis.url, { name: 'test', onError: () => {} })
  queue = openQueue({ redis, sendOnce: redis, log: QUIET })
})
after(async () => {
  await receiver.stop()
  await queue.close()
  redis.disconnect()
  await system.stop()
})

const REQUESTS = 8
const isJob = named('process steps')

test('a gathered job links to all of its requests, and each has the nine legs in its own trace', async () => {
  const population = await aPopulation(system.cohort, { count: REQUESTS + 1, options: { policyLen: 2 } })
  const callers = Array.from({ length: REQUESTS }, () => aCaller(system.url))
  const silent = aCaller(system.url, '00')
  await Promise.all(
    [...callers, silent].map(({ cohort }, agent) =>
      cohort.steps.run({ population, agents: [agent], observations: [[agent]] }),
    ),
  )
  const traces = await Promise.all(callers.map((caller) => traceOf(receiver, caller, 1)))
  for (const [at, spans] of traces.entries()) {
    assert.deepEqual(orphansIn(spans, [callers[at]?.spanId ?? '']), [])
    assert.deepEqual(legsIn(spans), [...LEGS])
  }
  const requests = traces.flat().filter(({ kind }) => kind === SERVER_KIND)
  const copies = traces.flat().filter((span) => isJob(span) && span.attributes['cohort.copy'] === true)
  assert.ok(copies.length > 1, 'some of the requests were gathered')
  for (const copy of copies) {
    const [original] = await originalOf(copy)
    assert.ok(original)
    const job = receiver.spans.filter(({ traceId }) => traceId === original.traceId)
    assert.deepEqual(orphansIn(job), [])
    const send = job.find(named('send steps')) ?? assert.fail('the job was sent by nobody')
    const request = requests.find(({ traceId }) => traceId === copy.traceId)
    assert.equal(copy.parentSpanId, request?.spanId)
    assert.ok(
      send?.links.some(({ spanId }) => spanId === request?.spanId),
      'the job links to its request',
    )
    assert.ok(send.links.every(({ traceId }) => traceId !== silent.traceId))
    assert.equal(original.parentSpanId, send.spanId)
  }
  assert.ok(receiver.spans.every(({ traceId }) => traceId !== silent.traceId))
})

/** The job's own span that a copy of it links to. */
const originalOf = ({ links: [link] }: ReceivedSpan): Promise<ReceivedSpan[]> =>
  receiver.received('the job itself', (span) => isJob(span) && span.spanId === link?.spanId)

const legsIn = (spans: readonly ReceivedSpan[]): string[] =>
  LEGS.flatMap((leg) => spans.filter(named(leg)).map(({ name }) => name))

test('a failed job is an error with its exception and code, in the trace of who sent it and in the log', async () => {
  const sender = aCaller(system.url)
  const id = await failed({ v: 1, model: 42 }, metadataOf(sender))
  const [span] = await receiver.received('the job', ({ traceId }) => traceId === sender.traceId)
  assert.equal(span?.parentSpanId, sender.spanId)
  shouldSayWhy(span, id)
  const said = await until('the log says so', async () =>
    system.workers[0]
      ?.said()
      .split('\n')
      .find((line) => line.includes(id) && line.includes('a job has failed')),
  )
  assert.equal((JSON.parse(said) as { trace_id?: string }).trace_id, sender.traceId)
})

test('a job without a context, or with one that nobody can read, is a trace of its own', async () => {
  for (const metadata of [undefined, 'gibberish', '{"traceparent":"00-0-0-01"}', '[]', '7']) {
    const id = await failed({ v: 1, model: 42 }, metadata)
    const [span] = await receiver.received(
      'the job',
      ({ attributes }) => attributes['messaging.message.id'] === id,
    )
    assert.equal(span?.parentSpanId, '')
    shouldSayWhy(span, id)
  }
})

test('each attempt of a job hangs on its sender, and not on the attempt before', async (t) => {
  const own = await startRedis()
  const connection = connect(own.url, { name: 'test', onError: () => {} })
  const steps = openQueue({ redis: connection, sendOnce: connection, log: QUIET })
  const settings = readTracing(new Variables(tracedTo(receiver), []))
  const tracing = await startTracing(settings, { service: 'cohort-test', log: SILENT })
  let runs = 0
  const consumer = await startConsumer({
    redis: connection,
    concurrency: 1,
    run: async () => {
      runs += 1
      if (runs < 3) throw new CohortError('stale_too_often', 'planted')
    },
    onFailed: async () => {},
    log: QUIET,
    telemetry: tracing?.jobs,
  })
  t.after(async () => {
    await consumer.close({ deadlineMs: 1000 })
    await tracing?.stop()
    await steps.close()
    connection.disconnect()
    await own.stop()
  })
  const sender = aCaller(system.url)
  const job = { id: jobId(randomUUID()), job: {} as unknown as Job, metadata: metadataOf(sender) }
  await steps.enqueue([job])
  const attempts = await receiver.received('three attempts', ({ traceId }) => traceId === sender.traceId, 3)
  assert.deepEqual(
    attempts.map(({ parentSpanId, status }) => [parentSpanId, status]),
    [ERROR_STATUS, ERROR_STATUS, 0].map((status) => [sender.spanId, status]),
  )
})

const metadataOf = ({ traceId, spanId }: Caller): string =>
  JSON.stringify({ traceparent: `00-${traceId}-${spanId}-01` })

/** Puts data on the queue as a stranger does, and waits until it has failed. */
async function failed(data: object, metadata: string | undefined): Promise<string> {
  const id = jobId(randomUUID())
  await queue.enqueue([{ id, job: data as unknown as Job, metadata }])
  await until('the job fails', async () => (await queue.state(id)).state === 'failed')
  return id
}

function shouldSayWhy(span: ReceivedSpan | undefined, id: string): void {
  assert.equal(span?.name, 'process steps')
  assert.equal(span.status, ERROR_STATUS)
  assert.equal(span.attributes['error.type'], 'invalid_job')
  assert.equal(span.attributes['messaging.message.id'], id)
  assert.equal(span.attributes['messaging.system'], 'bullmq')
  const [event, ...more] = span.events
  assert.deepEqual(more, [])
  assert.equal(event?.name, 'exception')
  assert.equal(event.attributes['exception.type'], 'invalid_job')
  assert.match(String(event.attributes['exception.stacktrace']), /job\/take\.js/)
}
