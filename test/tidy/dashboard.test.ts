// What deploy/ shows and watches: only metrics and labels that exist, every leg, a dashboard that Grafana can read.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { LEGS } from '@cohort/contracts'
import { METRICS, type MetricRow } from '@cohort/telemetry'
import { ROOT, readJson } from './sources.js'

const RULES = 'deploy/prometheus/rules.yml'
const DASHBOARD = 'deploy/grafana/dashboards/cohort.json'
const rules = readFileSync(join(ROOT, RULES), 'utf8')

interface Target {
  readonly refId: string
  readonly expr: string
  readonly exemplar?: boolean
  readonly datasource: { readonly uid: string }
}
interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } }
  readonly options?: object
  readonly targets?: readonly Target[]
}
interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly time: { readonly from: string; readonly to: string }
  readonly panels: readonly Panel[]
}
const dashboard = readJson(DASHBOARD) as Dashboard
const graphs = dashboard.panels.filter(({ type }) => type !== 'row')
const targets = graphs.flatMap(({ title, targets: own = [] }) => own.map(({ expr }) => ({ at: title, expr })))

/** `record:` or `alert:`, what it names, and its expression, on its line or indented below it. */
const parts = rules.split(/^ {6}- /m).slice(1)
const inRules = parts.map((part) => {
  const [, kind = '', name = ''] = /^(record|alert): (\S+)/.exec(part) ?? []
  const expr = /^ {8}expr: (?:\|\n((?: {10}.*\n?)+)|(.*))/m.exec(part)
  return { kind, at: name, expr: (expr?.[1] ?? expr?.[2] ?? '').trim() }
})
const recorded = new Set(inRules.filter(({ kind }) => kind === 'record').map(({ at }) => at))

const rows: readonly MetricRow[] = Object.values(METRICS)
const PARTS_OF_HISTOGRAM = ['_bucket', '_sum', '_count']
const series = new Map(
  rows.flatMap((row) => {
    const names = row.kind === 'histogram' ? PARTS_OF_HISTOGRAM.map((part) => row.name + part) : [row.name]
    return names.map((name) => [name, row] as const)
  }),
)
/** What Prometheus itself adds to every series, and what a bucket and a rule carry. */
const ADDED = ['job', 'instance', 'le', 'quantile']

const metricsIn = (expr: string) => [...expr.matchAll(/\bcohort_\w+/g)].map(([name]) => name)
const recordsIn = (expr: string) => [...expr.matchAll(/\bcohort:[\w:]+/g)].map(([name]) => name)
const labelsIn = (expr: string) =>
  [...expr.matchAll(/\bby \(([^)]*)\)/g)]
    .flatMap(([, list = '']) => list.split(/,\s*/))
    .concat(
      [...expr.matchAll(/cohort_\w+\{([^}]*)\}/g)].flatMap(([, list = '']) =>
        list.split(',').map((pair) => pair.replace(/[=!~].*/, '').trim()),
      ),
    )

test('rules and dashboard were found', () => {
  assert.ok(inRules.length >= 15)
  assert.ok(inRules.every(({ kind, expr }) => kind !== '' && expr !== ''))
  assert.ok(targets.length >= 40)
})

test('every expression names series of the table of metrics, or what a rule records', () => {
  const unknown = [...inRules, ...targets].flatMap(({ at, expr }) => [
    ...metricsIn(expr)
      .filter((name) => !series.has(name))
      .map((name) => `${at}: ${name}`),
    ...recordsIn(expr)
      .filter((name) => !recorded.has(name))
      .map((name) => `${at}: ${name}`),
  ])
  assert.deepEqual(unknown, [])
})

test('every label that an expression asks for is one of its metrics', () => {
  const unknown = [...inRules, ...targets].flatMap(({ at, expr }) => {
    const known = new Set(metricsIn(expr).flatMap((name) => series.get(name)?.labels ?? []))
    if (known.size === 0 && metricsIn(expr).length === 0) return []
    return labelsIn(expr)
      .filter((label) => label !== '' && !known.has(label) && !ADDED.includes(label))
      .map((label) => `${at}: ${label}`)
  })
  assert.deepEqual(unknown, [])
})

test('every rule is shown or wakes somebody', () => {
  const used = new Set([...targets, ...inRules].flatMap(({ expr }) => recordsIn(expr)))
  assert.deepEqual(
    [...recorded].filter((name) => !used.has(name)),
    [],
  )
})

test('the nine legs stand one on the other in the order of the way', () => {
  const panel = graphs.find(({ title }) => title.startsWith('The nine legs'))
  const legs = panel?.targets?.map(({ expr }) => /leg="(\w+)"/.exec(expr)?.[1])
  assert.deepEqual(legs, LEGS)
  assert.match(JSON.stringify(panel?.fieldConfig), /"stacking":\{[^}]*"mode":"normal"/)
})

test('the latency panel leads to traces', () => {
  const panel = graphs.find(({ title }) => title === 'Latency')
  assert.ok(panel?.targets?.every(({ exemplar }) => exemplar === true))
  const withExemplars = rows.filter(({ exemplars }) => exemplars === true).map(({ name }) => name)
  const named = (panel?.targets ?? []).flatMap(({ expr }) => metricsIn(expr))
  assert.ok(
    named.every((name) => withExemplars.some((metric) => name.startsWith(metric))),
    named.join(),
  )
  const source = readFileSync(join(ROOT, 'deploy/grafana/provisioning/datasources/cohort.yml'), 'utf8')
  assert.match(source, /exemplarTraceIdDestinations:\n +- name: trace_id\n +datasourceUid: jaeger/)
})

test('the dashboard has what Grafana needs of one', () => {
  const { uid, title, schemaVersion, time } = dashboard
  assert.deepEqual([uid, title], ['cohort', 'Cohort'])
  assert.ok(schemaVersion >= 42)
  assert.deepEqual(Object.keys(time), ['from', 'to'])
  const ids = dashboard.panels.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length, 'every panel has a number of its own')
  for (const panel of graphs) {
    assert.match(panel.type, /^(timeseries|stat|bargauge|table)$/, panel.title)
    assert.ok((panel.description ?? '').length > 10, `${panel.title}: what it shows`)
    assert.ok(
      panel.type === 'table' || panel.fieldConfig?.defaults.unit !== undefined,
      `${panel.title}: its unit`,
    )
    assert.ok(panel.options !== undefined && panel.fieldConfig !== undefined, panel.title)
    const refs = (panel.targets ?? []).map(({ refId }) => refId)
    assert.ok(refs.length > 0 && new Set(refs).size === refs.length, `${panel.title}: its queries`)
    assert.ok(
      panel.targets?.every(({ datasource }) => datasource.uid === 'prometheus'),
      panel.title,
    )
  }
})

test('the panels fill their rows and do not lie on each other', () => {
  const taken = new Map<string, string>()
  for (const { title, gridPos } of dashboard.panels) {
    assert.ok(gridPos.x >= 0 && gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.equal(taken.get(`${x},${y}`), undefined, `${title} lies on another`)
        taken.set(`${x},${y}`, title)
      }
    }
  }
  const bottom = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h))
  assert.equal(taken.size, 24 * bottom, 'a gap')
})
