// What agents and models take: bytes an agent beside pymdp, and the matrix cache with ten times as many models as fit.
import { DEFAULT_LIMITS } from '@cohort/contracts'
import { compileModel, describeModel, validateModel } from '@cohort/inference'
import { churn } from './cache/churn.js'
import { rotate } from './cache/rotation.js'
import { hitsOfForesight, hitsOfOldestFirst, type Trace, TRACES } from './cache/trace.js'
import { peerAgentBytes } from './steps/peers.js'
import { type Shape, SHAPES } from './steps/shapes.js'
import type { Benchmark, RunOptions } from './support/benchmark.js'
import type { Findings, Row } from './support/report.js'
import { percentile } from './support/statistics.js'

/** Models that fit in the cache. */
const ROOM = 100
const AGENTS = 'agents'
/** Shapes whose agents are weighed. */
const SHOWN = ['grid5-noisy', 'grid5-noisy-3', 'explorer-1', 'tmaze-2']
const SIZES = 'sizes'

export const memory: Benchmark = {
  does: 'bytes an agent beside pymdp; the matrix cache with ten times as many models as fit',
  cases: [AGENTS, ...TRACES.map(({ name }) => name), SIZES],
  defaults: { rounds: 1, seconds: 1 },
  run,
}

async function run({ cases, signal, say }: RunOptions): Promise<Findings> {
  const rows: Row[] = []
  if (cases.includes(AGENTS))
    for (const shape of SHAPES.filter(({ name }) => SHOWN.includes(name)))
      rows.push(...(await agentRows(shape)))
  for (const trace of TRACES.filter(({ name }) => cases.includes(name))) {
    signal.throwIfAborted()
    say(`${trace.name}: ${trace.about}`)
    rows.push(...(await traceRows(trace)))
  }
  if (cases.includes(SIZES)) {
    say(`${SIZES}: models of 10 KB to 4 MB come and go`)
    const { use, movedShare } = await churn()
    rows.push(
      row(SIZES, 'budget in use', percent(use), '%'),
      row(SIZES, 'moved of what was loaded', percent(movedShare), '%'),
    )
  }
  return { rows, ratios: [], notes: NOTES }
}

const NOTES = [
  'agents: the row that is kept of an agent, its model’s matrices once for all; pymdp (NumPy): what one more agent ' +
    'takes by tracemalloc after its first step, its matrices shared too',
  `traces: 5×5 grids of different noise, ${ROOM} of them fit; 4 jobs at once; each lease steps an agent, and its G ` +
    'must be its model’s to the bit; hits of `cohort`, of the oldest going first, and of foresight, which is the limit',
  `${SIZES}: what of its budget the cache fills while it gives up models for others, of whatever size`,
]

async function agentRows({ name, model }: Shape): Promise<Row[]> {
  const valid = validateModel(model(), DEFAULT_LIMITS)
  const peer = await peerAgentBytes(model())
  return [
    row(`${AGENTS} ${name}`, 'cohort', describeModel(valid).rowBytes, 'bytes/agent'),
    row(`${AGENTS} ${name}`, 'cohort, matrices', compileModel(valid).length, 'bytes/model'),
    ...(peer === undefined ? [] : [row(`${AGENTS} ${name}`, 'pymdp-numpy', Math.round(peer), 'bytes/agent')]),
  ]
}

async function traceRows({ name, models }: Trace): Promise<Row[]> {
  const { hits, waits, evictions, leaseMs, residentBytes } = await rotate(models, ROOM)
  const [second = 0, last = 0] = [residentBytes[1], residentBytes.at(-1)]
  const latency = (percents: number) => Math.round(1000 * percentile(leaseMs, percents)) / 1000
  return [
    row(name, 'cohort', percent(hits / models.length), '% hits'),
    row(name, 'oldest first', percent(hitsOfOldestFirst(models, ROOM)), '% hits'),
    row(name, 'foresight', percent(hitsOfForesight(models, ROOM)), '% hits'),
    row(name, 'evictions', evictions, 'models'),
    row(name, 'leases that waited for room', waits, 'leases'),
    row(name, 'resident memory, from a fifth of the way to the end', mebibytes(last - second), 'MiB'),
    {
      case: name,
      variant: 'lease',
      p50: latency(50),
      p95: latency(95),
      p99: latency(99),
      unit: 'ms',
      runs: 1,
    },
  ]
}

/** Whole ones; never −0. */
const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20) + 0

const percent = (share: number): number => Math.round(1000 * share) / 10

const row = (name: string, variant: string, value: number, unit: string): Row => ({
  case: name,
  variant,
  median: value,
  min: value,
  max: value,
  unit,
  runs: 1,
})
