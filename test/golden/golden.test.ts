// Our numbers are pymdp's: every golden file, every field of every step, on each kernel.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { replayGolden, summary } from '@cohort/cli'

const DATA = fileURLToPath(new URL('../../golden/data', import.meta.url))

/** How many cases each kernel really runs. */
const RAN_ON = { wasm: { wasm: 16, reference: 28 }, reference: { wasm: 0, reference: 44 } }

for (const kernel of ['wasm', 'reference'] as const) {
  const reports = await replayGolden({ path: DATA, kernel })
  for (const report of reports) {
    test(`${report.file} is replayed within its tolerances with kernel ${kernel}`, () => {
      assert.ok('cases' in report, 'skipped' in report ? report.skipped : '')
      assert.ok(report.cases > 0)
      assert.deepEqual(report.failures, [])
    })
  }

  test(`with kernel ${kernel} nothing is skipped, and the largest error is rounding`, () => {
    const { files, cases, failed, maxError, skipped, ranOn } = summary(reports, kernel)
    assert.deepEqual({ files, cases, failed, skipped }, { files: 19, cases: 44, failed: 0, skipped: [] })
    assert.deepEqual(ranOn, RAN_ON[kernel])
    assert.ok(maxError > 0 && maxError < 1e-12, String(maxError))
  })
}
