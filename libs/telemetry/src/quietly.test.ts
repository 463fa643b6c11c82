// Promises of telling: what a listener throws is a line in the log, and no flood of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quietly } from './quietly.js'

function aLog() {
  const lines: unknown[] = []
  return { lines, error: (_message: string, fields?: object) => void lines.push(fields) }
}

test('a listener that throws is told of, once for many times, in each log', () => {
  const [one, other] = [aLog(), aLog()]
  const error = new Error('planted')
  const broken = () => {
    throw error
  }
  for (let at = 0; at < 100; at++) quietly(one, broken)
  quietly(other, broken)
  assert.deepEqual(one.lines, [{ error, unsaid: 0 }])
  assert.deepEqual(other.lines, [{ error, unsaid: 0 }])
})

test('one that does not throw is called, and that is all', () => {
  const log = aLog()
  let calls = 0
  quietly(log, () => (calls += 1))
  assert.deepEqual([calls, log.lines], [1, []])
})
