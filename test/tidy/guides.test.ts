// What docs/start.md and the guides name is there: metrics, rules, alerts, settings, codes and lines of the log.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ERRORS, LEGS } from '@cohort/contracts'
import { METRICS } from '@cohort/telemetry'
import { ROOT, allFiles, isTest } from './sources.js'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const files = allFiles()
const guides = files.filter((path) => path === 'docs/start.md' || path.startsWith('docs/guides/'))
const told = guides.map(read).join('\n')

const found = (pattern: RegExp, text = told): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, name = '']) => name)),
]
/** Of `names`, those that are not in `known`. */
const unknown = (names: readonly string[], known: Iterable<string>): string[] => {
  assert.ok(names.length > 0, 'the guides name some')
  const those = new Set(known)
  return names.filter((name) => !those.has(name))
}

test('each metric that a guide names is one of ours', () => {
  const names = Object.values(METRICS).map(({ name }) => name)
  assert.deepEqual(unknown(found(/`(cohort_\w+)`/g), names), [])
})

test('each rule and alert that a guide names is in deploy/prometheus', () => {
  const rules = files
    .filter((path) => path.startsWith('deploy/prometheus/'))
    .map(read)
    .join('\n')
  assert.deepEqual(unknown(found(/`(cohort:[\w:]+)`/g), found(/record: (\S+)/g, rules)), [])
  assert.deepEqual(
    unknown(found(/`(Cohort[A-Z]\w+)`/g), [...found(/alert: (\S+)/g, rules), 'CohortError']),
    [],
  )
})

test('each setting that a guide names is in docs/reference/environment.md', () => {
  const settings = found(/\b((?:COHORT|OTEL)_[A-Z_]+[A-Z])\b/g)
  assert.deepEqual(unknown(settings, found(/`([A-Z_]+)`/g, read('docs/reference/environment.md'))), [])
})

test('each code that a guide names is in the table of errors, and each leg is one', () => {
  assert.deepEqual(unknown(found(/code `(\w+)`/g), Object.keys(ERRORS)), [])
  const legs = read('docs/guides/observe.md').matchAll(/^\| (`\w+`) \| [^|]+ \| [^|]+ \|$/gm)
  const named = [...legs].flatMap(([, cell = '']) => found(/`(\w+)`/g, cell))
  assert.deepEqual(unknown(named, LEGS), [])
  assert.deepEqual(unknown([...LEGS], named), [], 'what to do about each leg')
})

test('each line of the log that docs/guides/observe.md explains is written somewhere', () => {
  const section = /^## Logs$(.*?)^## /ms.exec(read('docs/guides/observe.md'))?.[1] ?? ''
  const rows = found(/^\| ((?:`[^`]+` ?)+)\|/gm, section).flatMap((cell) => found(/`([^`]+)`/g, cell))
  const sources = files.filter((path) => /^(apps|libs)\/.*\.ts$/.test(path) && !isTest(path)).map(read)
  const written = rows.filter((line) => sources.some((text) => text.includes(`'${line}'`)))
  assert.deepEqual(unknown(rows, written), [])
})
