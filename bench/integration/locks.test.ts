// The lock benchmark in short: each structure beside its plain one, its answers right, and what its lock waited.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Report } from '../support/report.js'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))

test('each structure is timed alone and together, beside a plain one, and the lock tells its waits', async () => {
  const args = ['locks', '--json', '--rounds', '1', '--seconds', '0.1', '--case', 'write', '--case', 'ring']
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args])
  const { rows, ratios } = JSON.parse(stdout) as Report
  const variants = (name: RegExp) => [
    ...new Set(rows.filter((row) => name.test(row.case)).map(({ variant }) => variant)),
  ]
  assert.deepEqual(variants(/^ring, 2 threads$/), ['ring', 'mutex and array', 'postMessage'])
  assert.deepEqual(variants(/^ring, 1 thread$/), ['ring', 'mutex and array'])
  assert.ok(variants(/^write, \d+ threads$/).includes('read-write lock, waited'))
  assert.ok(rows.every((row) => 'median' in row && row.median >= 0))
  assert.ok(ratios.length > 0)
})
