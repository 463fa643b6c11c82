// Our numbers are pymdp's: every golden file, every field of every step, on the kernel that ships.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { replayGolden, summary } from '@cohort/cli'

const DATA = fileURLToPath(new URL('../../golden/data', import.meta.url))

for (const report of await replayGolden(DATA)) {
  test(`${report.file} is replayed within its tolerances`, () => {
    assert.ok('cases' in report, 'skipped' in report ? report.skipped : '')
    assert.ok(report.cases > 0)
    assert.deepEqual(report.failures, [])
  })
}

test('nothing is skipped, and the largest error is rounding', async () => {
  const { files, cases, failed, maxError, skipped, ranOn } = summary(await replayGolden(DATA))
  assert.deepEqual({ files, cases, failed, skipped }, { files: 19, cases: 44, failed: 0, skipped: [] })
  assert.deepEqual(ranOn, { wasm: 0, reference: 44 })
  assert.ok(maxError > 0 && maxError < 1e-12, String(maxError))
})
