// Every metric of ours: its name, kind, labels and meaning, once. docs/reference/metrics.md is made from this table.

/** From 50 µs to 10 s, about three to a decade: a lone step takes some milliseconds, a full queue seconds. */
const SECONDS = [
  0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
] as const
/** Steps of a job: 1 to the most that it holds. */
const STEPS = [1, 4, 16, 64, 256, 1024, 4096] as const

type Kind = 'counter' | 'gauge' | 'histogram'
/** Which process has it. */
type Place = 'producer' | 'worker' | 'both'

export interface MetricRow {
  readonly name: `cohort_${string}`
  readonly kind: Kind
  readonly app: Place
  /** Their values are bounded: a leg, a route, a code of the error table; never an agent, a population or a batch. */
  readonly labels: readonly string[]
  /** One short sentence: it is sent with every scrape. */
  readonly help: string
  /** What a reader of docs/reference/metrics.md should know besides. */
  readonly note?: string
  /** Upper bounds, of a histogram. */
  readonly buckets?: readonly number[]
  /** A histogram whose buckets point to the last sampled trace that fell into them. */
  readonly exemplars?: boolean
}

const row =
  <const K extends Kind>(kind: K) =>
  <const P extends Place, const L extends readonly string[]>(
    app: P,
    name: MetricRow['name'],
    help: string,
    ...labels: L
  ) => ({ name, kind, app, labels, help })
const [counter, gauge, histogram] = [row('counter'), row('gauge'), row('histogram')]
const seconds = <const P extends Place, const L extends readonly string[]>(
  ...about: [app: P, name: MetricRow['name'], help: string, ...labels: L]
) => ({ ...histogram(...about), buckets: SECONDS })

export const METRICS = {
  // What each process says.
  legSeconds: {
    ...seconds(
      'both',
      'cohort_leg_seconds',
      'Time in a leg: of a request on the producer, of a job on the worker',
      'leg',
    ),
    note:
      'The producer tells `admit` and `gather` of each request that is queued, and `notify` of those whose caller ' +
      'waits to the end. The worker tells the others, of each job; its `commit` ends when Redis has answered it.',
    exemplars: true,
  },
  buildInfo: gauge(
    'both',
    'cohort_build_info',
    'Always 1: what runs here',
    'app',
    'version',
    'node',
    'kernel',
  ),
  loopDelay: gauge(
    'both',
    'cohort_event_loop_delay_seconds',
    'How late the main thread’s event loop was, since the last scrape',
    'quantile',
  ),
  loopUtilisation: gauge(
    'both',
    'cohort_event_loop_utilisation_ratio',
    'Part of the time that the main thread’s event loop was busy, since the last scrape',
  ),
  memory: {
    ...gauge('both', 'cohort_memory_bytes', 'Memory of the process', 'kind'),
    note:
      '`rss` is all of it that is in RAM, `heap` JavaScript’s on the main thread, ' +
      '`external` shared and other buffers.',
  },
  gcSeconds: counter(
    'both',
    'cohort_gc_seconds_total',
    'Time that the main thread spent collecting garbage',
    'kind',
  ),
  spansLost: {
    ...counter('both', 'cohort_spans_lost_total', 'Spans that no collector took'),
    note: 'Those that found too many waiting before them are among them. It is 0 where nothing is traced.',
  },

  // The producer: requests, and what it knows of the queue.
  requests: counter('producer', 'cohort_http_requests_total', 'HTTP requests answered', 'route', 'status'),
  requestSeconds: seconds(
    'producer',
    'cohort_http_request_seconds',
    'From a request’s head to the end of its answer',
    'route',
  ),
  stepSeconds: {
    ...seconds(
      'producer',
      'cohort_step_seconds',
      'From a request for steps to the text of its answer, where the caller waits to the end',
    ),
    note: 'Failed steps count, too. `timings` in the answer add up to it. A repeat that its key finds is not counted.',
    exemplars: true,
  },
  admitted: counter('producer', 'cohort_steps_admitted_total', 'Steps taken in: the queue has them'),
  refused: {
    ...counter(
      'producer',
      'cohort_steps_refused_total',
      'Requests for steps refused before the queue had them, by the code of the answer',
      'code',
    ),
    note: 'What is known only of steps that were taken in (`wrong_step`) is counted as answered, `failed`.',
  },
  answered: {
    ...counter(
      'producer',
      'cohort_steps_answered_total',
      'Steps answered: applied, failed, or unknown',
      'outcome',
    ),
    note:
      '`unknown`: their message was missed and nobody waited for it, or the answer was no longer kept and they ' +
      'were answered with `job_lost`.',
  },
  waitingSteps: gauge('producer', 'cohort_waiting_steps', 'Steps taken in and not answered yet'),
  waitingLimit: gauge(
    'producer',
    'cohort_waiting_steps_limit',
    'Over so many, requests are refused with 429',
  ),
  outstandingJobs: gauge('producer', 'cohort_outstanding_jobs', 'Jobs of this producer without an answer'),
  waitingRequests: gauge(
    'producer',
    'cohort_waiting_requests',
    'Requests whose caller waits for the results',
  ),
  eventStreams: gauge('producer', 'cohort_event_streams', 'Streams of events of batches that are open'),
  eventStreamsLimit: gauge(
    'producer',
    'cohort_event_streams_limit',
    'Over so many, they are refused with 429',
  ),
  jobSteps: { ...histogram('producer', 'cohort_job_steps', 'Steps gathered into a job'), buckets: STEPS },
  queueJobs: {
    ...gauge('producer', 'cohort_queue_jobs', 'Jobs on the queue, of all producers', 'state'),
    note:
      '`waiting`, `prioritized` (put there by hand; ours are not), `delayed` (put off for another try), ' +
      '`active` (in a worker’s hands).',
  },
  queueOldest: gauge(
    'producer',
    'cohort_queue_oldest_seconds',
    'How long ago the oldest job was added that waits for a worker; 0 where none waits',
  ),
  workersAlive: gauge('producer', 'cohort_workers_alive', 'Workers heard of in the last seconds'),
  workerThreads: gauge('producer', 'cohort_worker_threads', 'Compute threads of all workers alive'),

  // The worker: jobs, threads, memory.
  jobs: {
    ...counter('worker', 'cohort_jobs_total', 'Ends of jobs here', 'outcome'),
    note: '`done`, `already` (done before), `gone`, `failed`, `again` (put back for another try).',
  },
  steps: counter(
    'worker',
    'cohort_steps_total',
    'Steps committed here: applied, or failed and left as they were',
    'outcome',
  ),
  triesAgain: {
    ...counter(
      'worker',
      'cohort_job_tries_again_total',
      'Times that a job went its way again before it was done',
    ),
    note: 'Because a block had changed, or a thread died. Those of jobs that then failed are not counted.',
  },
  lockWait: seconds(
    'worker',
    'cohort_lock_wait_seconds',
    'How long a job waited for its blocks, which an earlier job held',
  ),
  computeSeconds: {
    ...counter(
      'worker',
      'cohort_compute_seconds_total',
      'Time that compute threads spent stepping agents',
      'thread',
      'cpu',
    ),
    note: '`thread` is a seat: a thread that died leaves its to the next.',
  },
  tasks: counter('worker', 'cohort_tasks_total', 'Tasks done by compute threads'),
  cpuSeconds: counter(
    'worker',
    'cohort_cpu_seconds_total',
    'CPU time that the whole process used, all threads',
  ),
  throttledPeriods: {
    ...counter(
      'worker',
      'cohort_cpu_throttled_periods_total',
      'Periods of the CPU quota in which its time was used up and all threads stood still',
    ),
    note:
      'As the kernel counts for the control groups of the worker that have a quota, from their beginning on and with ' +
      'the other processes in them (`nr_throttled`). 0 where there is no quota.',
  },
  throttledSeconds: counter(
    'worker',
    'cohort_cpu_throttled_seconds_total',
    'Time that threads stood still in them, added up over the CPUs',
  ),
  threads: gauge('worker', 'cohort_threads', 'Compute threads', 'pinned'),
  activeJobs: gauge('worker', 'cohort_active_jobs', 'Jobs in hand'),
  threadMigrations: {
    ...gauge(
      'worker',
      'cohort_thread_migrations',
      'How often the threads that are here were moved to another CPU',
    ),
    note: 'Absent where the kernel does not say. 0 where threads are pinned.',
  },
  jobsAtOnce: {
    ...gauge('worker', 'cohort_jobs_at_once', 'Jobs that may be in hand'),
    note:
      'It follows the event loop: fewer while it is late, more while threads have nothing to do. ' +
      '`COHORT_JOBS_AT_ONCE` fixes it.',
  },
  poolTasks: {
    ...counter('worker', 'cohort_pool_tasks_total', 'Tasks by the thread that they came to', 'place'),
    note:
      '`free`: any would do, which is all of them unless `COHORT_AFFINITY` is on; `affine`: the one that had the ' +
      'same rows last; `stolen`: another, since that one was busy.',
  },
  poolBundles: counter(
    'worker',
    'cohort_pool_bundles_total',
    'Messages to threads: each one task, or several short ones',
  ),
  poolMovedOn: counter(
    'worker',
    'cohort_pool_moved_on_total',
    'Tasks that had not begun when their thread died, and went to another',
  ),
  poolWaiting: gauge('worker', 'cohort_pool_waiting_tasks', 'Tasks that wait for a thread'),
  cacheHits: counter(
    'worker',
    'cohort_matrix_cache_hits_total',
    'Leases of a model that was in the arena, or on its way there',
  ),
  cacheMisses: counter(
    'worker',
    'cohort_matrix_cache_misses_total',
    'Leases that had to read and compile their model',
  ),
  cacheEvictions: counter('worker', 'cohort_matrix_cache_evictions_total', 'Models given up to make room'),
  cacheWaits: counter(
    'worker',
    'cohort_matrix_cache_waits_total',
    'Leases that waited for room: all models in the arena were in use',
  ),
  cacheBytes: gauge('worker', 'cohort_matrix_cache_bytes', 'Bytes of compiled models in the arena'),
  cacheModels: gauge('worker', 'cohort_matrix_cache_models', 'Models in the arena'),
  arenaBytes: gauge('worker', 'cohort_arena_bytes', 'Bytes of the arena in use', 'region'),
  arenaLimit: gauge(
    'worker',
    'cohort_arena_limit_bytes',
    'Bytes that a region of the arena may grow to',
    'region',
  ),
} as const satisfies Readonly<Record<string, MetricRow>>
export type MetricKey = keyof typeof METRICS
