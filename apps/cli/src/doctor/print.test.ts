// How the doctor's report reads: area by area, aligned, the same without colour, and a verdict at the end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Check, reportOf } from './check.js'
import { reportLines } from './print.js'

const CHECKS: Check[] = [
  { area: 'redis', name: 'server', status: 'fault', found: 'away', mend: 'Start it.' },
  { area: 'node', name: 'version', status: 'ok', found: '26.1.0' },
  { area: 'redis', name: 'data', status: 'note', found: 'here', chosen: 'kept', why: 'so' },
]
const plain = (_: unknown, text: string) => text

test('areas in their order, each check with sign and word, what belongs to it under it', () => {
  assert.deepEqual(reportLines(reportOf(CHECKS), plain), [
    'node',
    '  ✓ ok     version  26.1.0',
    '',
    'redis',
    '  ✗ fault  server   away',
    '                    Start it.',
    '  ! note   data     here',
    '                    → kept',
    '                    because so',
    '',
    '1 thing must be changed first (✗); 1 ok, 1 note, 0 off.',
  ])
})

test('it holds while nothing is a fault, and says so', () => {
  const report = reportOf(CHECKS.slice(1))
  assert.equal(report.ok, true)
  assert.equal(reportLines(report, plain).at(-1), 'Cohort can run here: 1 ok, 1 note, 0 off.')
  assert.equal(reportOf(CHECKS).ok, false)
})
