// Promises of the metrics: what was counted is told, exemplars name traces, and a scrape neither hangs nor fails.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { METRICS } from './metric-names.js'
import { openMetrics, type MeteredApp, type Metrics } from './metrics.js'
import { VERSION } from './version.js'

interface Said {
  readonly level: string
  readonly message: string
  readonly metrics: unknown
}

const opened: Metrics<MeteredApp>[] = []
after(() => opened.forEach((metrics) => metrics.close()))

function someMetrics<A extends MeteredApp>(app: A, readMs?: number) {
  const said: Said[] = []
  const at =
    (level: string) =>
    (message: string, fields: { metrics?: unknown } = {}) =>
      said.push({ level, message, metrics: fields.metrics })
  const log = { warn: at('warn'), info: at('info') }
  const metrics = openMetrics({ app, kernel: 'k', log, ...(readMs ? { readMs } : {}) })
  opened.push(metrics)
  return { metrics, said }
}

/** Samples of a scrape: a series' name and labels → its value. */
async function samples({ text }: Pick<Metrics<MeteredApp>, 'text'>): Promise<Map<string, number>> {
  const lines = (await text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [/^[^ ]+/.exec(line)?.[0] ?? '', Number(line.split(' ')[1])]))
}

test('each app has the metrics of its rows, under their names, and no others', async () => {
  for (const app of ['producer', 'worker'] as const) {
    const text = await someMetrics(app).metrics.text()
    const named = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => `${name} ${kind}`)
    const expected = Object.values(METRICS)
      .filter((row) => row.app === app || row.app === 'both')
      .map(({ name, kind }) => `${name.replace(/_total$/, '')} ${kind}`)
    assert.deepEqual(named.sort(), expected.sort())
  }
})

test('names follow Prometheus’ conventions and are told once', () => {
  const rows = Object.values(METRICS)
  assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length)
  for (const { name, kind } of rows) assert.equal(name.endsWith('_total'), kind === 'counter', name)
})

test('what was counted is told; a series is there from its first mention', async () => {
  const { metrics } = someMetrics('worker')
  metrics.counter('jobs', 'done').add()
  metrics.counter('jobs', 'done').add(2)
  metrics.counter('jobs', 'failed')
  metrics.histogram('legSeconds', 'take').observe(0.000_03)
  metrics.histogram('legSeconds', 'take').observe(0.03)
  const told = await samples(metrics)
  assert.equal(told.get('cohort_jobs_total{outcome="done"}'), 3)
  assert.equal(told.get('cohort_jobs_total{outcome="failed"}'), 0)
  assert.equal(told.get('cohort_leg_seconds_bucket{le="0.00005",leg="take"}'), 1)
  assert.equal(told.get('cohort_leg_seconds_bucket{le="0.05",leg="take"}'), 2)
  assert.equal(told.get('cohort_leg_seconds_count{leg="take"}'), 2)
})

test('an amount that makes no sense harms nobody', async () => {
  const { metrics } = someMetrics('worker')
  for (const amount of [-1, NaN, Infinity]) {
    metrics.counter('tasks').add(amount)
    metrics.histogram('lockWait').observe(amount)
  }
  const told = await samples(metrics)
  assert.equal(told.get('cohort_tasks_total'), 0)
  assert.deepEqual(
    [told.get('cohort_lock_wait_seconds_sum'), told.get('cohort_lock_wait_seconds_count')],
    [0, 3],
  )
})

test('a bucket points to the last sampled trace that fell into it', async () => {
  const { metrics } = someMetrics('producer')
  metrics.histogram('stepSeconds').observe(0.003, 'a'.repeat(32))
  metrics.histogram('stepSeconds').observe(0.004)
  const text = await metrics.text()
  assert.match(text, /^cohort_step_seconds_bucket\{le="0\.005"\} 2 # \{trace_id="a{32}"\} 0\.003 [\d.]+$/m)
  assert.match(metrics.contentType, /^application\/openmetrics-text/)
  assert.match(text, /# EOF\n$/)
  assert.doesNotMatch(text, /\n\n/)
})

test('what is read at a scrape replaces what was read before', async () => {
  const { metrics } = someMetrics('producer')
  const states = [[['waiting', 3] as const, ['active', 1] as const], [['waiting', 2] as const]]
  metrics.atScrape(['queueJobs', 'queueOldest'], () => ({
    queueJobs: states.shift() ?? [],
    queueOldest: 1.5,
  }))
  const first = await samples(metrics)
  assert.deepEqual(
    [first.get('cohort_queue_jobs{state="waiting"}'), first.get('cohort_queue_jobs{state="active"}')],
    [3, 1],
  )
  assert.equal(first.get('cohort_queue_oldest_seconds'), 1.5)
  const second = await samples(metrics)
  assert.deepEqual(
    [second.get('cohort_queue_jobs{state="waiting"}'), second.has('cohort_queue_jobs{state="active"}')],
    [2, false],
  )
})

test('totals read at a scrape are totals, not sums of them', async () => {
  const { metrics } = someMetrics('worker')
  metrics.atScrape(['cacheHits'], () => ({ cacheHits: 7 }))
  await metrics.text()
  assert.equal((await samples(metrics)).get('cohort_matrix_cache_hits_total'), 7)
})

test('a reading that fails is absent and said once; when it is back, that is said too', async () => {
  const { metrics, said } = someMetrics('producer')
  let isAway = true
  metrics.atScrape(['workersAlive', 'workerThreads'], async () => {
    if (isAway) throw new Error('Redis is away')
    return { workersAlive: 2, workerThreads: 4 }
  })
  metrics.atScrape(['waitingSteps'], () => ({ waitingSteps: 9 }))
  for (let scrapes = 0; scrapes < 3; scrapes++) {
    const told = await samples(metrics)
    assert.deepEqual([told.has('cohort_workers_alive'), told.get('cohort_waiting_steps')], [false, 9])
  }
  const names = ['cohort_workers_alive', 'cohort_worker_threads']
  assert.deepEqual(said, [{ level: 'warn', message: 'metrics are absent', metrics: names }])
  isAway = false
  assert.equal((await samples(metrics)).get('cohort_worker_threads'), 4)
  assert.deepEqual(said.slice(1), [{ level: 'info', message: 'metrics are there again', metrics: names }])
})

test('a reading that hangs is not waited for, and not asked again before it has answered', async () => {
  const { metrics } = someMetrics('producer', 1)
  const answer = Promise.withResolvers<{ workersAlive: number; workerThreads: number }>()
  let asked = 0
  metrics.atScrape(['workersAlive', 'workerThreads'], () => ((asked += 1), answer.promise))
  for (let scrapes = 0; scrapes < 3; scrapes++)
    assert.ok(!(await samples(metrics)).has('cohort_workers_alive'))
  assert.equal(asked, 1)
  answer.resolve({ workersAlive: 1, workerThreads: 1 })
  await answer.promise
  await metrics.text()
  await metrics.text()
  assert.ok(asked > 1)
})

test('spans that are lost are told, by both apps; none where nothing is traced', async () => {
  for (const app of ['producer', 'worker'] as const) {
    const options = { app, kernel: '', log: { warn: () => {}, info: () => {} } }
    for (const tracing of [undefined, { spansLost: () => 7 }]) {
      const metrics = openMetrics({ ...options, tracing })
      opened.push(metrics)
      assert.equal((await samples(metrics)).get('cohort_spans_lost_total'), tracing === undefined ? 0 : 7)
    }
  }
})

test('a hundred scrapes at once ask once', async () => {
  const { metrics } = someMetrics('producer')
  let asked = 0
  metrics.atScrape(['waitingSteps'], async () => ({ waitingSteps: ++asked }))
  const texts = await Promise.all(Array.from({ length: 100 }, () => metrics.text()))
  assert.deepEqual([asked, new Set(texts).size], [1, 1])
})

test('a process tells what runs, how late its loop is, its memory, its garbage and its CPU time', async () => {
  const { metrics } = someMetrics('worker')
  await metrics.text()
  const pause = () => new Promise((resolve) => setTimeout(resolve, 30))
  await pause()
  const end = performance.now() + 60
  for (let junk: unknown[] = []; performance.now() < end;)
    junk = Array.from({ length: 10_000 }, () => ({ junk }))
  await pause()
  const told = await samples(metrics)
  const build = `{app="worker",version="${VERSION}",node="${process.version}",kernel="k"}`
  assert.equal(told.get(`cohort_build_info${build}`), 1)
  const atMost = told.get('cohort_event_loop_delay_seconds{quantile="1"}') ?? 0
  assert.ok(atMost > 0.03, String(atMost))
  assert.ok((told.get('cohort_event_loop_utilisation_ratio') ?? 0) > 0.1)
  for (const kind of ['rss', 'heap_used', 'heap_total', 'external'])
    assert.ok((told.get(`cohort_memory_bytes{kind="${kind}"}`) ?? 0) > 0, kind)
  assert.ok((told.get('cohort_gc_seconds_total{kind="minor"}') ?? 0) > 0)
  assert.ok((told.get('cohort_cpu_seconds_total') ?? 0) > 0.05)
})
