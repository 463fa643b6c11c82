// Promises of the check of spans: none where none should be, as many as the sampler was told, and none lost in silence.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, LEGS } from '@cohort/contracts'
import { checkTraces, type Traced } from './trace-check.js'

/** Of so many requests, each a job of its own. */
const spansOf = (requests: number) =>
  Object.fromEntries(
    [...LEGS, 'send steps', 'process steps', 'POST /v1/steps'].map((name) => [name, requests]),
  )

const system = (changes: Partial<Traced>): Traced => ({
  variant: 'a system',
  part: 1,
  requests: 1000,
  spans: spansOf(1000),
  log: ['{"level":"info","message":"spans go to http://collector"}'],
  ...changes,
})

const refuses = (changes: Partial<Traced>, message: RegExp) =>
  assert.throws(
    () => checkTraces(system(changes)),
    (error: unknown) => error instanceof CohortError && message.test(error.message),
  )

test('a system that traces nothing sends nothing', () => {
  assert.deepEqual(checkTraces(system({ part: 0, spans: {} })), [
    "'a system': 0 of 1000 requests traced, 0 spans received",
  ])
  refuses({ part: 0, spans: { 'GET /healthz': 1 } }, /1 spans received/)
})

test('one that traces all sends the spans of each request', () => {
  assert.deepEqual(checkTraces(system({})), [
    "'a system': 1000 of 1000 requests traced, 12000 spans received",
  ])
  refuses({ spans: spansOf(999) }, /999 of 1000/)
  refuses({ spans: spansOf(1001) }, /1001 of 1000/)
  refuses({ spans: {} }, /0 of 1000/)
})

test('one that traces some is as near to the expected number as chance allows', () => {
  const of = (traced: number) => ({ part: 0.01, requests: 100_000, spans: spansOf(traced) })
  assert.equal(checkTraces(system(of(1100))).length, 1)
  assert.equal(checkTraces(system(of(900))).length, 1)
  refuses(of(1210), /1210 of 100000.*about 1000/)
  refuses(of(790), /790 of 100000.*about 1000/)
  refuses(of(100_000), /expected were about 1000/)
})

const LOSS = '{"level":"warn","message":"spans could not be sent and are lost","spans":10}'

test('spans that are missing are a fault, unless the log says so: then it is told', () => {
  const spans = { ...spansOf(1000), commit: 990 }
  refuses({ spans }, /990 spans 'commit' for 1000 'process steps'/)
  const [what, gap] = checkTraces(system({ spans, log: [LOSS] }))
  assert.match(what ?? '', /spans were lost.*could not be sent/)
  assert.match(gap ?? '', /990 spans 'commit'/)
  assert.equal(checkTraces(system({ spans: spansOf(990), log: [LOSS] })).length, 1)
})

test('more than a hundredth of them is a fault whatever the log says', () => {
  const log = [LOSS]
  refuses({ log, spans: { ...spansOf(1000), commit: 989 } }, /989 spans 'commit'/)
  refuses({ log, spans: { ...spansOf(1000), 'POST /v1/steps': 989 } }, /1000 spans 'notify' for 989/)
  refuses({ log, spans: spansOf(989) }, /989 of 1000/)
  refuses({ log, spans: {} }, /0 of 1000/)
})
