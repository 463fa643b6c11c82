// The telemetry benchmark in its smallest form: three real systems, a real receiver, every answer and span checked.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Report } from '../support/report.js'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))

test('it prints one report, of all variants of its case, with the spans that came', async () => {
  const args = ['telemetry', '--json', '--case', 'lone', '--rounds', '1', '--seconds', '0.1']
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args])
  const report = JSON.parse(stdout) as Report
  assert.deepEqual(Object.keys(report).sort(), ['commit', 'machine', 'name', 'notes', 'ratios', 'rows'])
  const throughput = report.rows.filter((row) => row.unit === 'steps/s')
  assert.deepEqual(
    throughput.map((row) => [row.case, row.variant, row.runs]),
    ['off', '1%', '100%'].map((variant) => ['lone', variant, 1]),
  )
  for (const row of throughput) assert('median' in row && row.median > 0 && row.min <= row.max)
  assert.deepEqual(
    report.ratios.filter((ratio) => ratio.case === 'lone').map(({ of, to }) => [of, to]),
    [
      ['1%', 'off'],
      ['100%', 'off'],
    ],
  )
  const notes = report.notes.join('\n')
  assert.match(notes, /'off': 0 of \d+ requests traced, 0 spans received/)
  assert.match(notes, /'100%': (\d+) of \1 requests traced, \d{4,} spans received/)
})
