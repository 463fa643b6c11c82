// The scaling benchmark in part: all variants of one shape, once; its answers are checked as always.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Report } from '../support/report.js'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))

async function report(...args: string[]): Promise<Report> {
  const all = ['scaling', '--json', '--rounds', '1', '--seconds', '0.1', ...args]
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...all])
  return JSON.parse(stdout) as Report
}

test('rows tell variant, threads, pinning, steps a second and efficiency', async () => {
  const { rows } = await report('--case', 'grid5-noisy')
  for (const variant of ['kernel', 'pool']) {
    const of = rows.filter((row) => row.variant === variant)
    const single = of.filter((row) => 'threads' in row && row.threads === 1)
    assert.deepEqual(single.map((row) => 'pinned' in row && row.pinned).toSorted(), [false, true])
    for (const row of of) {
      assert.ok('stepsPerSecond' in row && row.stepsPerSecond !== undefined && row.stepsPerSecond > 0)
      assert.ok(row.efficiency !== undefined && row.efficiency > 0)
      if (row.threads === 1) assert.equal(row.efficiency, 1)
    }
  }
})

test('threads stand beside processes at each size of task', async () => {
  const { rows, ratios } = await report('--case', 'task sizes')
  assert.deepEqual(
    ratios.map((ratio) => ratio.case),
    ['tasks of 1', 'tasks of 16', 'tasks of 64', 'tasks of 256'],
  )
  assert.equal(rows.filter(({ variant }) => variant === 'processes').length, 4)
})
