// Promises of a batch's events: each part once, at once, from any producer, whoever has died; and nothing piles up.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Batch, BatchAccepted, BatchEvent } from '@cohort/contracts'
import { call, eventsOf, makePopulation, postSteps, readEnded, type ProblemBody } from './calls.js'
import { scrape } from './scrape.js'
import { aProducer, end, startProcess, startSystem } from './support.js'

const { server, producer, addProducer, addWorker } = await startSystem()
const other = await addProducer()
const worker = await addWorker()

/** Jobs take 16 blocks: a step of one agent in each block is a batch of three jobs. */
const BLOCKS = 40
const JOBS = 3
await makePopulation(producer.url, 'p', BLOCKS * 256)
/** Not in the order of the blocks. */
const scattered = Array.from({ length: BLOCKS }, (_, i) => ((i * 7) % BLOCKS) * 256 + i)
const request = { population: 'p', agents: scattered, observations: [scattered.map((agent) => agent % 2)] }

async function queued(url: string, body: object = request): Promise<string> {
  return (await postSteps<BatchAccepted>(url, body)).body.batchId
}

async function read(events: AsyncIterable<BatchEvent>): Promise<BatchEvent[]> {
  const told: BatchEvent[] = []
  for await (const event of events) told.push(event)
  return told
}

/** The parts of a whole stream are those of the batch, each of its jobs once. */
function agrees(events: readonly BatchEvent[], batch: Batch): void {
  const last = events.at(-1)
  assert.deepEqual(last?.type === 'end' && [last.batchId, last.status], [batch.batchId, batch.status])
  const parts = events.flatMap((event) => (event.type === 'results' ? [event] : []))
  assert.equal(parts.length, events.length - 1)
  assert.deepEqual(
    parts.map(({ job }) => job).sort(),
    Array.from({ length: parts.length }, (_, i) => i),
  )
  assert.ok(parts.every(({ of }) => of === parts.length))
  const rows = parts.flatMap(({ results: { agents, step, action } }) =>
    agents.map((agent, i) => ({ agent, step: step?.[i], action: action?.map((column) => column[i]) })),
  )
  const { agents = [], step, action } = batch.results ?? {}
  const places = new Map(agents.map((agent, i) => [agent, i]))
  assert.equal(rows.length, agents.length)
  for (const row of rows) {
    const i = places.get(row.agent) ?? -1
    assert.deepEqual([row.step, row.action], [step?.[i], action?.map((column) => column[i])])
  }
  const byAgent = (one: { agent: number }, two: { agent: number }) => one.agent - two.agent
  const errors = parts.flatMap((part) => part.errors)
  assert.deepEqual(errors.sort(byAgent), [...(batch.errors ?? [])].sort(byAgent))
}

/** While the worker sleeps, jobs stay on the queue. */
async function whileAsleep<T>(run: () => Promise<T>): Promise<T> {
  for (;;) {
    const lists = ['wait', 'active'].map((list) => server.redis.llen(`{s0}:steps:${list}`))
    if ((await Promise.all(lists)).every((jobs) => jobs === 0)) break
  }
  worker.process.kill('SIGSTOP')
  try {
    return await run()
  } finally {
    worker.process.kill('SIGCONT')
  }
}

test('a batch is told as it goes on, by its producer and by another, and when it has ended', async () => {
  const batchId = await queued(producer.url)
  const [own, others] = await Promise.all([producer, other].map(({ url }) => read(eventsOf(url, batchId))))
  const batch = await readEnded(other.url, batchId)
  assert.equal(batch.results?.agents.length, BLOCKS)
  for (const events of [own, others, await read(eventsOf(other.url, batchId))]) {
    assert.equal(events?.length, JOBS + 1)
    agrees(events ?? [], batch)
  }
  const last = own?.at(-1)
  assert.deepEqual(last?.type === 'end' && last.timings, batch.timings)
})

test('agents of a part come in the order of the request', async () => {
  for await (const event of eventsOf(producer.url, await queued(producer.url))) {
    if (event.type === 'end') continue
    const places = event.results.agents.map((agent) => scattered.indexOf(agent))
    assert.deepEqual(
      places,
      places.toSorted((one, two) => one - two),
    )
  }
})

test('a reader at another producer hears all of it when the one that took it was killed', async () => {
  const first = await startProcess('producer', { REDIS_URL: server.url, PORT: '0' })
  const url = /http:\S+/.exec(first.ready)?.[0] ?? ''
  const { batchId, events } = await whileAsleep(async () => {
    const batchId = await queued(url)
    const events = read(eventsOf(other.url, batchId))
    await end(first, 'SIGKILL')
    return { batchId, events }
  })
  agrees(await events, await readEnded(producer.url, batchId))
})

test('what failed is in the errors of its part, and the end says that some did', async () => {
  await queued(producer.url, { population: 'p', agents: [1], observations: [[0]] }).then((id) =>
    readEnded(producer.url, id),
  )
  const agents = [1, 2, 256 * 20]
  const batchId = await queued(other.url, { population: 'p', agents, observations: [[0, 0, 0]], t: 0 })
  const events = await read(eventsOf(producer.url, batchId))
  const batch = await readEnded(producer.url, batchId)
  assert.equal(batch.status, 'partial')
  agrees(events, batch)
})

test('a batch that nobody knows is refused; of one that has expired the results that are left are told', async () => {
  const unknown = await call<ProblemBody>('GET', `${other.url}/v1/batches/b-none/events`)
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'unknown_batch'])
  const batchId = await queued(producer.url)
  const whole = await read(eventsOf(producer.url, batchId))
  const record = JSON.parse((await server.redis.get(`{s0}:t:${batchId}`)) ?? '') as { jobs: [string][] }
  const results = record.jobs.map(([jobId]) => `{s0}:r:${jobId}`)
  await server.redis.del(results[1] ?? '')
  const expired = { type: 'end', batchId, status: 'expired' }
  const left = whole.filter((event) => event.type === 'results' && event.job !== 1)
  const told = await read(eventsOf(other.url, batchId))
  assert.deepEqual([told.slice(0, -1), told.at(-1)], [left.toSorted(byJob), expired])
  await server.redis.del(...results)
  assert.deepEqual(await read(eventsOf(other.url, batchId)), [expired])
})

const byJob = (one: BatchEvent, two: BatchEvent) =>
  ('job' in one ? one.job : 0) - ('job' in two ? two.job : 0)

/** Each has room for one of our batches. */
const SMALL = [
  { COHORT_MAX_EVENT_STREAMS: '1' },
  { COHORT_MAX_WAITING_STEPS: `${2 * BLOCKS - 1}`, COHORT_MAX_REQUEST_STEPS: '1' },
]

for (const env of SMALL) {
  test(`past ${Object.keys(env)[0]} a stream is refused and told when to come; one that goes makes room`, async () => {
    const small = await aProducer(server.url, env)
    await whileAsleep(async () => {
      const url = `${small.url}/v1/batches/${await queued(other.url)}/events`
      const gone = new AbortController()
      const first = await fetch(url, { signal: gone.signal })
      const refused = await call<ProblemBody>('GET', url)
      assert.deepEqual(
        [first.status, refused.status, refused.body.code, refused.headers.get('retry-after')],
        [200, 429, 'too_many_streams', '1'],
      )
      assert.match(refused.body.detail, new RegExp(`${Object.keys(env)[0]}`))
      const { value } = await scrape(small.url)
      assert.equal(value('cohort_event_streams'), 1)
      gone.abort()
      for (;;) {
        const next = await fetch(url)
        await next.body?.cancel()
        if (next.status === 200) break
      }
    })
    await small.stop()
  })
}

test('a producer that stops ends its streams and does not wait for them', { timeout: 30_000 }, async () => {
  const stopping = await aProducer(server.url, { COHORT_DRAIN_MS: '3600000' })
  await whileAsleep(async () => {
    const batchId = await queued(other.url)
    const begun = await fetch(`${stopping.url}/v1/batches/${batchId}/events`)
    const text = begun.text()
    await stopping.stop()
    assert.doesNotMatch(await text, /event:/)
  })
})
