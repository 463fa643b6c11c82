// What the code has and what docs/reference says: each error, each environment variable, each leg, in both directions.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ERRORS, type Leg, LEGS } from '@cohort/contracts'
import { ATTRIBUTES, METRICS, SPANS, type MetricRow } from '@cohort/telemetry'
import { referencePages } from './reference.js'
import { ROOT, allFiles, readSource } from './sources.js'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const files = allFiles()

/** The one file that each leg lives in, from the root of the repository. */
const LEG_FILES: Readonly<Record<Leg, string>> = {
  admit: 'apps/producer/src/steps/admit.ts',
  gather: 'apps/producer/src/steps/gather.ts',
  queue: 'libs/queue/src/enqueue.ts',
  take: 'apps/worker/src/job/take.ts',
  load: 'apps/worker/src/job/load.ts',
  dispatch: 'apps/worker/src/job/dispatch.ts',
  compute: 'apps/worker/src/thread/compute.ts',
  commit: 'apps/worker/src/job/commit.ts',
  notify: 'apps/producer/src/steps/notify.ts',
}

test('the generated pages are fresh (npm run docs writes them)', async () => {
  for (const [name, text] of Object.entries(await referencePages()))
    assert.equal(read(`docs/reference/${name}`), text)
})

const VARIABLE = /\b((?:COHORT|OTEL)_[A-Z0-9]+(?:_[A-Z0-9]+)*|REDIS_URL|PORT|HOST)\b/g
const variablesIn = (text: string) => [...text.matchAll(VARIABLE)].map(([name]) => name)

test('docs/reference/environment.md names every environment variable, and no other', () => {
  const readers = files.filter((path) =>
    /^apps\/[^/]+\/src\/config\.ts$|^libs\/(?:contracts|telemetry)\/src\/settings\.ts$|^tools\/.*\.mjs$/.test(
      path,
    ),
  )
  readers.push('libs/telemetry/src/tracing/settings.ts')
  const used = new Set(readers.flatMap((path) => variablesIn(read(path))))
  const rows = read('docs/reference/environment.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  const named = rows.flatMap((row) => variablesIn(row.split('|')[1] ?? ''))
  assert.deepEqual([...new Set(named)].sort(), [...used].sort())
})

test('a variable that an error points to exists', () => {
  const named = Object.values(ERRORS).flatMap(({ next }) => variablesIn(next))
  const page = read('docs/reference/environment.md')
  assert.deepEqual(
    named.filter((name) => !page.includes(`\`${name}\``)),
    [],
  )
})

test('each leg has its file, which says so in its first line', () => {
  for (const leg of LEGS) {
    const path = LEG_FILES[leg]
    assert.ok(existsSync(join(ROOT, path)), `${leg}: no file ${path}`)
    assert.match(readSource(path).lines[0] ?? '', new RegExp(`^// leg: ${leg}\\. `), path)
  }
})

test('each leg has a span of its name; docs/internals/tracing.md names every span and attribute, and no other', () => {
  for (const leg of LEGS) assert.equal(SPANS[leg], leg)
  const page = read('docs/internals/tracing.md')
  for (const name of Object.values(SPANS)) assert.match(page, new RegExp(`\\b${name}\\b`), name)
  const named = [...page.matchAll(/\bcohort\.[a-z_]+/g)].map(([name]) => name)
  assert.deepEqual([...new Set(named)].sort(), Object.values(ATTRIBUTES).sort())
})

test('each leg has a metric, and none has one that is no leg', () => {
  const metered = ['apps/producer/src/observe/steps-meter.ts', 'apps/worker/src/observe/metrics.ts']
  const legs = metered.flatMap((path) => [...read(path).matchAll(/\bleg\('(\w+)'\)/g)].map(([, leg]) => leg))
  assert.deepEqual(legs.sort(), LEGS.toSorted())
})

test('a query of docs/reference/metrics.md asks for metrics and labels that there are', () => {
  const rows: readonly MetricRow[] = Object.values(METRICS)
  const [, questions = ''] = read('docs/reference/metrics.md').split('## How to read them')
  const asked = [...questions.matchAll(/\b(cohort_\w+?)(?:_bucket|_sum|_count)?\b(?:\{(\w+)=)?/g)]
  assert.ok(asked.length > 10)
  for (const [text, name, label] of asked) {
    const row = rows.find((one) => one.name === name)
    assert.ok(row !== undefined && (label === undefined || row.labels.includes(label)), text)
  }
})

test('a file that says it is a leg names one of the nine', () => {
  const claimed = files
    .filter((path) => path.endsWith('.ts'))
    .map((path) => /^\/\/ leg: (\w+)/.exec(read(path))?.[1])
    .filter((leg) => leg !== undefined)
  assert.deepEqual(
    claimed.filter((leg) => !(LEGS as readonly string[]).includes(leg)),
    [],
  )
})
