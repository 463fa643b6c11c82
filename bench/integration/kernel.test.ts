// The kernel benchmark in its smallest form: every contender that this machine has, its answers checked, one report.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Report } from '../support/report.js'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))

test('it prints one report: each kernel in each block, and ratios to the one that users run', async () => {
  const args = ['kernel', '--json', '--case', 'tmaze-2', '--rounds', '2', '--seconds', '0.1']
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args])
  const { rows, ratios, notes } = JSON.parse(stdout) as Report
  const of = (variant: string) => rows.filter((row) => row.variant === variant)
  for (const variant of ['wasm64', 'reference']) {
    assert.deepEqual(
      of(variant).map((row) => 'block' in row && row.block),
      [1, 16, 64, 256],
    )
  }
  // Beside them stand the seconds until a peer was ready.
  for (const row of rows.filter(({ unit }) => unit !== 's'))
    assert('median' in row && row.median > 0 && row.unit === 'µs/step' && row.runs === 2)
  assert.ok(ratios.length > 0 && ratios.every(({ to, value }) => to === 'wasm64' && value > 0))
  // Where there is no compiler or no Python, the report says so.
  assert.match(notes.join('\n'), /native: |native C not measured/)
  assert.match(notes.join('\n'), /pymdp 1|pymdp not measured/)
})
