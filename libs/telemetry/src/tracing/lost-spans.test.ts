// Promises of the count of lost spans: none is forgotten, the log is not flooded, and no request is named in it.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openLog } from '../log.js'
import { aRecorder, anArrival } from '../testing/recorder.js'
import { activeTrace } from './active.js'
import { openLostSpans } from './lost-spans.js'
import { openRequest } from './request.js'

const TAKEN = 'the collector did not take them'
const MANY = 'too many waited (OTEL_BSP_MAX_QUEUE_SIZE)'

function counted(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>)
  const log = openLog({ app: 'test', level: 'warn', write, nowMs: () => 0, context: activeTrace })
  const seconds = (count: number) => t.mock.timers.tick(count * 1000)
  return { lost: openLostSpans(log, 'http://collector'), lines, seconds }
}

test('those that are lost within a second are told together, with each why and the last error', (t) => {
  const { lost, lines, seconds } = counted(t)
  lost.add(512, TAKEN, new Error('one'))
  lost.add(1, MANY)
  lost.add(512, TAKEN, new Error('two'))
  assert.deepEqual(lines, [])
  seconds(1)
  assert.equal(lines.length, 1)
  const { spans, to, why, error } = lines[0] ?? assert.fail()
  assert.deepEqual([spans, to, why], [1025, 'http://collector', [TAKEN, MANY]])
  assert.equal((error as { message: string }).message, 'two')
})

test('those that are lost soon after a line are told half a minute later, though none follows', (t) => {
  const { lost, lines, seconds } = counted(t)
  lost.add(1, TAKEN, new Error('one'))
  seconds(1)
  for (let i = 0; i < 20; i += 1) {
    seconds(1)
    lost.add(3, MANY)
  }
  assert.equal(lines.length, 1)
  seconds(30)
  seconds(300)
  lost.add(4, TAKEN)
  seconds(1)
  assert.deepEqual(
    lines.map(({ spans, why, error }) => [spans, why, error === undefined]),
    [
      [1, [TAKEN], false],
      [60, [MANY], true],
      [4, [TAKEN], true],
    ],
  )
  assert.equal(lost.total, 65)
})

test('at the end the rest is told at once', (t) => {
  const { lost, lines, seconds } = counted(t)
  lost.add(1, TAKEN)
  seconds(1)
  lost.add(2, TAKEN)
  lost.close()
  seconds(300)
  assert.deepEqual(
    lines.map(({ spans }) => spans),
    [1, 2],
  )
})

test('a line about them names no request, whoever’s turn it was', (t) => {
  const { lost, lines, seconds } = counted(t)
  openRequest(aRecorder().recording, anArrival()).run(() => {
    assert.ok(activeTrace(), 'the request is the active one')
    lost.add(1, TAKEN)
    seconds(1)
  })
  assert.deepEqual(
    lines.map(({ spans, trace_id }) => [spans, trace_id]),
    [[1, undefined]],
  )
})
