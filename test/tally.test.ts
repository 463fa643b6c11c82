// The last line of `npm test` is only as good as this count.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tally, type TestEvent } from './tally.js'

type Data = TestEvent['data']
const file = '/somewhere/a.test.js'
const pass = (name: string, nesting: number, more: Data = {}): TestEvent => ({
  type: 'test:pass',
  data: { name, nesting, file, ...more },
})
const fail = (name: string, nesting: number, failureType: string): TestEvent => ({
  type: 'test:fail',
  data: { name, nesting, file, details: { error: { failureType } } },
})
const tallied = (...events: TestEvent[]): Tally => {
  const tally = new Tally()
  for (const event of events) tally.add(event)
  return tally
}
const lastLine = (tally: Tally) =>
  tally
    .report((path) => path)
    .trimEnd()
    .split('\n')
    .at(-1)

test('a suite or a test with children is not counted beside them', () => {
  const suite = { details: { type: 'suite' } }
  const tally = tallied(
    pass('a', 1),
    pass('b1', 2),
    pass('b2', 2),
    pass('b', 1),
    pass('s', 0, suite),
    pass('c', 0),
  )
  assert.equal(lastLine(tally), '4 passed, 0 failed')
})

test('a failed child is counted once, a parent that fails by itself too', () => {
  const tally = tallied(fail('a', 1, 'testCodeFailure'), fail('s', 0, 'subtestsFailed'))
  assert.equal(lastLine(tally), '0 passed, 1 failed')
  assert.equal(lastLine(tallied(pass('a', 1), fail('s', 0, 'hookFailed'))), '1 passed, 1 failed')
})

test('a skipped test is named and counts as neither', () => {
  const tally = tallied(pass('a', 0), pass('b', 0, { skip: 'no second core' }))
  assert.match(
    tally.report((path) => path),
    /skipped: b \(no second core\)/,
  )
  assert.equal(lastLine(tally), '1 passed, 0 failed')
})

test('a file without any test fails', () => {
  assert.equal(lastLine(tallied(pass(file, 0))), '0 passed, 1 failed')
})
