// docs/reference/metrics.md, from the table of metrics. Used by reference.ts
import { LEGS } from '@cohort/contracts'
import { METRICS, type MetricRow } from '@cohort/telemetry'

const UNITS = [
  [/_seconds(_total)?$/, 'seconds'],
  [/_bytes$/, 'bytes'],
  [/_ratio$/, '0 to 1'],
] as const

const unitOf = (name: string): string => UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? '1'
const labelsOf = ({ labels }: MetricRow): string => labels.map((label) => `\`${label}\``).join(' ') || '–'

/** What the seed of this project calls its KPIs, and how each is asked for. */
const QUESTIONS: readonly (readonly [figure: string, query: string, meaning: string])[] = [
  [
    'throughput',
    'sum(rate(cohort_steps_total{outcome="applied"}[1m]))',
    'steps applied a second, as workers commit them; as producers answer them: `cohort_steps_answered_total`',
  ],
  [
    'latency',
    'histogram_quantile(0.99, sum by (le) (rate(cohort_step_seconds_bucket[1m])))',
    'of requests whose caller waits to the end, from head to the text of the answer',
  ],
  [
    'where it goes',
    'sum by (leg) (rate(cohort_leg_seconds_sum[1m])) / sum by (leg) (rate(cohort_leg_seconds_count[1m]))',
    'the mean of each leg, of a request or of a job. Where each request is one job and waits for it, they add up to ' +
      'the latency but for the answer’s way from the worker to the producer, which `timings` and the live page count ' +
      'to `commit`',
  ],
  [
    'efficiency',
    'sum(rate(cohort_compute_seconds_total[1m])) / sum(rate(cohort_cpu_seconds_total[1m]))',
    'of the CPU time that workers use, the part that steps agents; the rest moves bytes',
  ],
  [
    'utilisation',
    'sum(rate(cohort_compute_seconds_total[1m])) / sum(cohort_threads)',
    'of the time that there are compute threads, the part that they compute: near 1, more threads or workers help',
  ],
  [
    'scalability',
    'sum(rate(cohort_steps_total{outcome="applied"}[1m])) / sum(cohort_threads)',
    'steps a second for each thread, at full load: as high with many threads as with one where it scales. ' +
      'Over that of one thread it is the scaling efficiency',
  ],
  [
    'cost of a step',
    'sum(rate(cohort_compute_seconds_total[1m])) / sum(rate(cohort_steps_total{outcome="applied"}[1m]))',
    'seconds of a thread for a step: rises with threads that get into each other’s way, or a larger model',
  ],
  [
    'throttling',
    'sum by (instance) (rate(cohort_cpu_throttled_seconds_total[5m]))',
    'how much of the time a worker’s CPUs stood still because its CPU quota was used up: over 0 for long, raise the ' +
      'quota or lower `COHORT_THREADS`',
  ],
  [
    'lock wait',
    'sum(rate(cohort_lock_wait_seconds_sum[1m])) / sum(rate(cohort_lock_wait_seconds_count[1m]))',
    'how long a job waits for its blocks, in the mean: jobs that ask for the same agents',
  ],
  [
    'cache hits',
    'sum(rate(cohort_matrix_cache_hits_total[5m])) / (sum(rate(cohort_matrix_cache_hits_total[5m])) + ' +
      'sum(rate(cohort_matrix_cache_misses_total[5m])))',
    'under 1 for long: more models are in use than the arena holds',
  ],
  [
    'pressure',
    'max(cohort_queue_oldest_seconds)',
    'seconds; what to scale workers by. Each producer tells of the whole queue: take the greatest, never the sum',
  ],
]

const PLACES: readonly (readonly [app: MetricRow['app'], title: string])[] = [
  ['producer', 'Of a producer'],
  ['worker', 'Of a worker'],
  ['both', 'Of both'],
]

export const metricsPage = (): readonly string[] =>
  [
    '# Metrics',
    '',
    'Made from `libs/telemetry/src/metric-names.ts` by `npm run docs`. `GET /metrics` of a producer, on its port, and',
    'of a worker, on its health port, answers in the OpenMetrics format. What to look at first is in',
    '[guides/observe.md](../guides/observe.md).',
    '',
    'No label names an agent, a population or a batch, so the number of series is bounded:',
    '',
    '- `route` is a path of the API as [http.md](http.md) writes it, or `other`.',
    '- `status` is that of the answer, or `gone`: a caller that went before it had its answer.',
    '- `code` is one of [errors.md](errors.md).',
    `- \`leg\` is one of ${LEGS.map((leg) => `\`${leg}\``).join(' ')}.`,
    '- `thread` is a seat of the pool, from 0; `cpu` is its core, or `none`.',
    '',
    'A histogram also has `_bucket`, `_sum` and `_count`. Where its buckets have exemplars, they name the `trace_id`',
    'of the last sampled trace that fell into them. What a producer asks of Redis at a scrape (`cohort_queue_…`,',
    '`cohort_worker…`) is absent while Redis is away, and the log says so once.',
    '',
    ...PLACES.flatMap(([app, title]) => [`## ${title}`, '', ...table(app), '']),
    'Node’s usual metrics are not there under their usual names: those above tell the same of the event loop, memory,',
    'garbage and CPU time, of the main thread and the process.',
    '',
    '## How to read them',
    '',
    ...QUESTIONS.flatMap(([figure, query, meaning]) => [
      ...inLines(`**${figure}**: ${meaning}.`),
      '',
      '```promql',
      ...inLines(query, /(?<= \/) /),
      '```',
      '',
    ]),
  ].slice(0, -1)

/** A row is a line: what takes more than that to say stands below. */
function table(place: MetricRow['app']): string[] {
  const rows = Object.values<MetricRow>(METRICS).filter(({ app }) => app === place)
  const notes = rows.flatMap(({ name, note }) => (note === undefined ? [] : [`- \`${name}\`: ${note}`]))
  return [
    '| metric | kind | labels | what it tells |',
    '|---|---|---|---|',
    ...rows.map(metricRow),
    ...(notes.length === 0 ? [] : ['', ...notes.flatMap((note) => inLines(note))]),
  ]
}

function metricRow(row: MetricRow): string {
  const { name, kind, help, exemplars = false } = row
  const unit = unitOf(name)
  const how = [kind, ...(unit === '1' ? [] : [unit]), ...(exemplars ? ['exemplars'] : [])].join(', ')
  return `| \`${name}\` | ${how} | ${labelsOf(row)} | ${help} |`
}

const WIDTH = 116

/** Lines of a paragraph, or of an item of a list, which goes on below its first word. */
function inLines(text: string, gap = / /): string[] {
  const indent = text.startsWith('- ') ? '  ' : ''
  const lines: string[] = []
  for (const word of text.split(gap)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(last === undefined ? word : indent + word)
  }
  return lines
}
