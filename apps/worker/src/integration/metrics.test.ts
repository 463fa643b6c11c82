// Promises of the worker's metrics: how jobs ended, what they waited for, and what threads and memory were used for.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Arena, MatrixCache } from '@cohort/cache'
import { openMetrics, SILENT } from '@cohort/telemetry'
import type { JobReport } from '../job/report.js'
import { runJob } from '../job/run-job.js'
import { openMeter, watchMemory, watchThreads } from '../observe/metrics.js'
import { aJob, aPopulation } from '../testing/agents.js'
import { startWorkerProcess } from '../testing/worker-process.js'
import { ownWorkshop } from '../testing/workshop.js'

const { shop, model } = await ownWorkshop()

/** Metrics of their own, and what they say of a series. */
function ownMetrics() {
  const metrics = openMetrics({ app: 'worker', kernel: 'reference', log: SILENT })
  after(() => metrics.close())
  const value = async (series: string) => valueIn(await metrics.text(), series)
  return { metrics, meter: openMeter(metrics), value }
}

const valueIn = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.split(' ')[1])
}

const leg = (name: string) => `cohort_leg_seconds_count{leg="${name}"}`

test('a job that runs again counts as already done, and its steps once', async () => {
  const { meter, value } = ownMetrics()
  const of = await aPopulation(shop.store, model, 'twice', 40)
  const { id, job } = aJob({ model, parts: [{ of }] })
  await shop.put({ id, job })
  for (let run = 0; run < 2; run++) meter.done(await runJob(shop.needs, id, job))
  const zombie = aJob({ model, parts: [{ of }] })
  meter.done(await runJob(shop.needs, zombie.id, zombie.job))
  for (const outcome of ['done', 'already', 'gone'])
    assert.equal(await value(`cohort_jobs_total{outcome="${outcome}"}`), 1, outcome)
  assert.equal(await value('cohort_steps_total{outcome="applied"}'), 40)
  for (const name of ['take', 'load', 'dispatch', 'compute', 'commit'])
    assert.equal(await value(leg(name)), 3)
})

test('a job that says it was put on the queue decades ago does not count as time on the queue', async () => {
  const { meter, value } = ownMetrics()
  const of = await aPopulation(shop.store, model, 'queued', 1)
  const { id, job } = aJob({ model, parts: [{ of }] })
  await shop.put({ id, job })
  const report = await runJob(shop.needs, id, job)
  assert.equal(job.addedMs, 0)
  meter.done(report)
  assert.equal(await value(leg('queue')), 0)
  meter.done({ ...report, job: { ...job, addedMs: report.marks.taken - 2000 } })
  meter.done({ ...report, job: { ...job, addedMs: report.marks.taken + 2000 } })
  assert.equal(await value(leg('queue')), 2)
  assert.equal(await value('cohort_leg_seconds_sum{leg="queue"}'), 2)
})

test('jobs at one block wait for each other, and the wait is told', async () => {
  const { meter, value } = ownMetrics()
  const of = await aPopulation(shop.store, model, 'held', 256)
  const jobs = Array.from({ length: 4 }, (_, salt) => aJob({ model, parts: [{ of }], salt }))
  await shop.put(...jobs)
  const reports = await Promise.all(jobs.map(({ id, job }) => runJob(shop.needs, id, job)))
  for (const report of reports) meter.done(report)
  const waited = reports.reduce((sum, { heldMs, marks }) => sum + heldMs - marks.load, 0)
  assert.ok(waited > 0)
  assert.ok(Math.abs(((await value('cohort_lock_wait_seconds_sum')) ?? 0) * 1000 - waited) < 1e-6)
})

test('time in compute is the time of the threads, by their seats', async () => {
  const { meter, value } = ownMetrics()
  const of = await aPopulation(shop.store, model, 'seated', 4096)
  const { id, job } = aJob({ model, parts: Array.from({ length: 16 }, (_, block) => ({ of, block })) })
  await shop.put({ id, job })
  const report = await runJob(shop.needs, id, job)
  meter.done(report)
  assert.equal(await value('cohort_tasks_total'), report.tasks.length)
  let told = 0
  for (const seat of [0, 1])
    told += (await value(`cohort_compute_seconds_total{thread="${seat}",cpu="none"}`)) ?? 0
  const spent = report.tasks.reduce((sum, { mappedMs, endMs }) => sum + endMs - mappedMs, 0)
  assert.ok(told > 0 && Math.abs(told * 1000 - spent) < 1e-6, `${told * 1000} and ${spent}`)
})

test('a thread that took the seat of a dead one goes on with its series', async () => {
  const { metrics, meter } = ownMetrics()
  const report = { job: { addedMs: 0 }, marks: {}, outcome: 'already', tries: 1 } as unknown as JobReport
  for (let threadId = 1; threadId < 1000; threadId++) {
    const task = {
      thread: { threadId, seat: threadId % 2, cpu: threadId % 2 },
      rows: 1,
      startMs: 0,
      mappedMs: 0,
      endMs: 1,
      stepped: 1,
    }
    meter.done({ ...report, tasks: [task] })
  }
  assert.equal((await metrics.text()).match(/^cohort_compute_seconds_total/gm)?.length, 2)
})

test('each try that a changed block undid is told once the job is done', async () => {
  const { meter, value } = ownMetrics()
  const of = await aPopulation(shop.store, model, 'raced', 256)
  const { id, job } = aJob({ model, parts: [{ of }] })
  await shop.put({ id, job })
  const { blocks } = shop.needs.store
  let commits = 0
  const raced = {
    ...blocks,
    commit: (request: Parameters<typeof blocks.commit>[0]) =>
      (commits += 1) < 4
        ? Promise.resolve({ outcome: 'stale' as const, parts: [0] })
        : blocks.commit(request),
  }
  meter.done(await runJob({ ...shop.needs, store: { ...shop.needs.store, blocks: raced } }, id, job))
  assert.equal(await value('cohort_job_tries_again_total'), 3)
})

test('failures are told apart: those that are tried again, and those that are final', async () => {
  const { meter, value } = ownMetrics()
  meter.failed(false)
  meter.failed(true)
  meter.failed(false)
  assert.equal(await value('cohort_jobs_total{outcome="again"}'), 2)
  assert.equal(await value('cohort_jobs_total{outcome="failed"}'), 1)
})

test('the cache and the arena tell what they hold, what was found and what was given up', async () => {
  const { metrics, value } = ownMetrics()
  const maxBytes = 65_536
  const arena = new Arena({ maxBytes, slotBytes: maxBytes - 64 - 2 * 64 })
  const cache = new MatrixCache<string>(arena)
  watchMemory(metrics, { arena, cache })
  const lease = (id: string) => cache.lease(id, async () => ({ bytes: new Uint8Array(64), info: id }))
  for (const id of ['a', 'b', 'b', 'c']) (await lease(id)).release()
  const held = [await lease('b'), await lease('c')]
  const waiting = lease('d')
  await setImmediate()
  for (const one of held) one.release()
  ;(await waiting).release()
  const slot = arena.slots.allocate(128)
  const said: Record<string, number> = {
    cohort_matrix_cache_hits_total: 3,
    cohort_matrix_cache_misses_total: 4,
    cohort_matrix_cache_evictions_total: 2,
    cohort_matrix_cache_waits_total: 1,
    cohort_matrix_cache_models: 2,
    cohort_matrix_cache_bytes: 128,
    'cohort_arena_bytes{region="slots"}': 128,
    'cohort_arena_bytes{region="matrices"}': 128,
    'cohort_arena_limit_bytes{region="matrices"}': 128,
  }
  for (const [series, expected] of Object.entries(said)) assert.equal(await value(series), expected, series)
  arena.slots.free(slot ?? 0)
  assert.equal(await value('cohort_arena_bytes{region="slots"}'), 0)
})

const NO_TASKS = { tasks: 0, bundles: 0, affine: 0, stolen: 0, free: 0, movedOn: 0, waiting: 0 }

test('threads are told by whether they are pinned, with the jobs in hand', async () => {
  const { metrics, value } = ownMetrics()
  const threads = [3, null, null].map((cpu, seat) => ({
    threadId: seat + 1,
    seat,
    tid: null,
    cpu,
    note: undefined,
  }))
  const counters = {
    ...NO_TASKS,
    tasks: 10,
    bundles: 6,
    affine: 5,
    stolen: 2,
    free: 3,
    movedOn: 1,
    waiting: 4,
  }
  watchThreads(metrics, { pool: { threads, counters }, consumer: { active: 2 }, jobsAtOnce: () => 7 })
  assert.equal(await value('cohort_threads{pinned="yes"}'), 1)
  assert.equal(await value('cohort_threads{pinned="no"}'), 2)
  const said = {
    cohort_active_jobs: 2,
    cohort_jobs_at_once: 7,
    'cohort_pool_tasks_total{place="affine"}': 5,
    'cohort_pool_tasks_total{place="stolen"}': 2,
    'cohort_pool_tasks_total{place="free"}': 3,
    cohort_pool_bundles_total: 6,
    cohort_pool_moved_on_total: 1,
    cohort_pool_waiting_tasks: 4,
  }
  for (const [series, expected] of Object.entries(said)) assert.equal(await value(series), expected, series)
})

test('how often the CPU quota stopped the worker is told as the kernel counts it; without one it is 0', async () => {
  for (const [counts, periods, seconds] of [
    [{ periods: 9, throttled: 4, seconds: 1.5 }, 4, 1.5],
    [undefined, 0, 0],
  ] as const) {
    const { metrics, value } = ownMetrics()
    watchThreads(metrics, {
      pool: { threads: [], counters: NO_TASKS },
      consumer: { active: 0 },
      jobsAtOnce: () => 0,
      throttling: () => counts,
    })
    assert.equal(await value('cohort_cpu_throttled_periods_total'), periods)
    assert.equal(await value('cohort_cpu_throttled_seconds_total'), seconds)
  }
})

test('a job that is no job is told by a real worker, before and after', async (t) => {
  // What the tests before have left there.
  await shop.redis.del('{s0}:steps:wait')
  const worker = startWorkerProcess({ REDIS_URL: shop.url, COHORT_THREADS: '1' })
  t.after(() => worker.child.kill('SIGKILL'))
  const url = /health (\S+)$/.exec(await worker.ready())?.[1] ?? assert.fail()
  const failed = async () => {
    const response = await fetch(`${url}/metrics`)
    assert.match(response.headers.get('content-type') ?? '', /^application\/openmetrics-text/)
    return valueIn(await response.text(), 'cohort_jobs_total{outcome="failed"}')
  }
  assert.equal(await failed(), 0)
  const { id, job } = aJob({ model, parts: [] })
  await shop.put({ id, job })
  await worker.logs(/"message":"a job has failed"/)
  assert.equal(await failed(), 1)
  const line = (await worker.logs(new RegExp(`^.*"job":"${id}".*"message":"a job has failed"`, 'm')))[0]
  const { batches } = JSON.parse(`${line}}`) as { batches: string[] }
  assert.deepEqual(batches, [job.origins[0]?.batch])
  worker.child.kill('SIGTERM')
  assert.equal((await worker.ended()).code, 0)
})
