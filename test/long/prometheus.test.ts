// Metrics scraped by a real Prometheus and asked back: every rule, and every query of the dashboard.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { LEGS } from '@cohort/contracts'
import { aPopulation, sightings } from '../support/builders.js'
import { fileOf, kill, type Running } from '../support/processes.js'
import { startSystem, type System } from '../support/system.js'
import { until } from '../support/until.js'
import {
  CONFIGURATION,
  exemplars,
  type PrometheusServer,
  query,
  RULES,
  type Series,
  startPrometheus,
} from './prometheus-server.js'
import { onPath, runProgram } from './run-program.js'

const missing = ['prometheus', 'promtool'].filter((name) => onPath(name) === undefined)
const skip = missing.length > 0 ? `${missing.join(' and ')} not on PATH` : false

const AGENTS = 2048
const REQUESTS = 8
let system: System
let prometheus: PrometheusServer
let population: string
/** Rounds in which every agent stepped once. */
let rounds = 0
/** Takes spans in and forgets them: with it requests are traced, and buckets point to their traces. */
const spans: Server = createServer((request, response) => request.resume().on('end', () => response.end()))
const closing: (() => unknown)[] = []

before(async () => {
  if (skip !== false) return
  await new Promise<void>((resolve) => spans.listen(0, '127.0.0.1', resolve))
  closing.push(() => spans.close().closeAllConnections())
  const { port } = spans.address() as AddressInfo
  system = await startSystem({
    workers: 2,
    // What arrives together is not gathered: a request is a job, and both workers have some.
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, COHORT_GATHER_MS: '0' },
  })
  closing.push(system.stop)
  const workers = system.workers.map(({ ready }) => hostOf(/health (\S+)/.exec(ready)?.[1] ?? ''))
  prometheus = await startPrometheus({ producer: [hostOf(system.url)], worker: workers })
  closing.push(prometheus.stop)
  population = await aPopulation(system.cohort, { count: AGENTS })
})
after(async () => {
  for (const close of closing.reverse()) await close()
})

test(
  'promtool accepts the configuration and the rules, and the rules keep their own tests',
  { skip },
  async () => {
    await runProgram('promtool', ['check', 'config', CONFIGURATION])
    await runProgram('promtool', ['check', 'rules', RULES])
    await runProgram('promtool', ['test', 'rules', fileOf('test/long/rules.yml')])
  },
)

test('the producer and both workers are scraped', { skip }, async () => {
  await until('three targets are up', async () => (await ask('up == 1')).length === 3)
  const errors = await ask('max by (job) (scrape_samples_scraped) < 20')
  assert.deepEqual(errors, [], 'each of them has metrics to show')
})

test('steps counted are steps sent', { skip }, async () => {
  for (let i = 0; i < 20; i++) await aRound()
  const sent = AGENTS * rounds
  const counted = (name: string) => async () => {
    const [sum] = await ask(`sum(${name})`)
    return Number(sum?.value[1]) === sent
  }
  await until('steps taken in', counted('cohort_steps_admitted_total'))
  await until('steps answered', counted('cohort_steps_answered_total{outcome="applied"}'))
  await until('steps committed', counted('cohort_steps_total{outcome="applied"}'))
  const failed = await ask('sum(cohort_steps_answered_total{outcome!="applied"})')
  assert.deepEqual(failed.map(numberOf), [0])
})

test('each rule that records has a figure', { skip }, async () => {
  const text = await readFile(RULES, 'utf8')
  const names = [...new Set([...text.matchAll(/record: (\S+)/g)].map(([, name = '']) => name))]
  const figures = await underLoad(async () => {
    const answers = await Promise.all(names.map(async (name) => [name, await ask(name)] as const))
    silent = answers.filter(([name, series]) => !isFigure(name, series)).map(([name]) => name)
    return silent.length === 0 && new Map(answers)
  })
  const legs = figures.get('cohort:leg_seconds:mean') ?? []
  assert.deepEqual(new Set(legs.map(({ metric }) => metric['leg'])), new Set(LEGS))
  for (const name of OF_EACH_WORKER) {
    const series = figures.get(name) ?? []
    assert.equal(series.length, 2, `${name}: one for each worker`)
    assert.ok(
      series.map(numberOf).every((ratio) => ratio <= 1.05),
      `${name}: ${JSON.stringify(series)}`,
    )
  }
})

test(
  'every query of the dashboard is understood, and answered where something happens',
  { skip },
  async () => {
    const text = await readFile(fileOf('deploy/grafana/dashboards/cohort.json'), 'utf8')
    const { panels } = JSON.parse(text) as { panels: { targets?: { expr: string }[] }[] }
    const expressions = panels.flatMap(({ targets = [] }) =>
      targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '1m')),
    )
    // Nothing is refused here.
    const expected = expressions.filter((expression) => !/refused/.test(expression))
    await underLoad(async () => {
      const answers = await Promise.all(expected.map((expression) => ask(expression)))
      silent = expected.filter((_, i) => answers[i]?.length === 0)
      return silent.length === 0
    })
    for (const expression of expressions) await ask(expression)
  },
)

test('a bucket of the latency points to the trace of a request that fell into it', { skip }, async () => {
  const found = await until('exemplars are stored', async () => {
    await aRound()
    const examples = await exemplars(prometheus.url, 'cohort_step_seconds_bucket')
    return examples.length > 0 && examples
  })
  for (const { labels } of found) assert.match(labels['trace_id'] ?? '', /^[0-9a-f]{32}$/)
  const legs = await exemplars(prometheus.url, 'cohort_leg_seconds_bucket')
  assert.ok(legs.length > 0)
})

test('when the last worker is gone somebody is told', { skip }, async () => {
  await Promise.all(system.workers.splice(0).map((worker: Running) => kill(worker)))
  await until(
    'the alert is pending',
    async () => (await ask('ALERTS{alertname="CohortNoWorker"}')).length > 0,
    60_000,
  )
})

const ask = (expression: string): Promise<Series[]> => query(prometheus.url, expression)
/** Some may be zero, such as steps that failed; but both workers work. */
function isFigure(name: string, series: readonly Series[]): boolean {
  const positive = series.filter((one) => numberOf(one) > 0 && isFinite(numberOf(one)))
  return OF_EACH_WORKER.includes(name) ? positive.length === 2 : positive.length > 0
}
const OF_EACH_WORKER: readonly string[] = ['cohort:efficiency:ratio', 'cohort:utilisation:ratio']
const numberOf = ({ value }: Series): number => Number(value[1])
const hostOf = (url: string): string => new URL(url).host

let silent: readonly string[] = []

/** Every agent steps once, by requests that are under way at the same time. */
async function aRound(): Promise<void> {
  const count = AGENTS / REQUESTS
  const batches = Array.from({ length: REQUESTS }, (_, i) =>
    system.cohort.steps.run({
      population,
      agents: { from: i * count, count },
      observations: [sightings(count, rounds)],
    }),
  )
  for (const { status } of await Promise.all(batches)) assert.equal(status, 'completed')
  rounds++
}

/** Steps agents all the while until `look` has found something. */
async function underLoad<T>(look: () => Promise<T | false>): Promise<T> {
  const isOver = new AbortController()
  const load = (async () => {
    while (!isOver.signal.aborted) await aRound()
  })()
  try {
    return await until('all figures are there', look, 60_000)
  } catch (error) {
    throw new Error(`${String(error)} ${silent.join('\n')}`, { cause: error })
  } finally {
    isOver.abort()
    await load
  }
}
