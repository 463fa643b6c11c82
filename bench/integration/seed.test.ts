// The seed benchmark in part: the harness of sleepers beside our pool, and fresh processes; its explorers take minutes.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Report } from '../support/report.js'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))

test('it tells what agents that compute gain by threads, and what a start costs', async () => {
  const args = [
    'seed',
    '--json',
    '--rounds',
    '1',
    '--seconds',
    '0.1',
    '--case',
    'sleep30',
    '--case',
    'start-up',
  ]
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args])
  const { rows, ratios, notes } = JSON.parse(stdout) as Report
  for (const row of rows.filter(({ unit }) => unit !== 'µs/task'))
    assert('median' in row && row.median > 0, row.variant)
  const ofOurs = rows.filter(({ variant }) => variant.startsWith('cohort'))
  assert.ok(ofOurs.some(({ case: name, unit }) => name === 'sleep30' && unit === 'tasks/s'))
  assert.ok(ofOurs.some(({ variant, unit }) => variant.endsWith('with start-up') && unit === 'steps/s'))
  const anew = ratios.find(({ of, to }) => to === `${of}, with start-up`)
  assert.ok(anew !== undefined && anew.value > 1, 'what stands ready answers sooner')
  // Where there is no Python, the report says so.
  assert.match(notes.join('\n'), /pymdp [01]\.|pymdp not measured/)
})
