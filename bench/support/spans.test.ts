// Promises of the span counter: it reads both forms of OTLP, and refuses what it cannot read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { type Counts, countSpans } from './spans.js'

const counted = (body: Buffer, contentType: string): Counts => {
  const counts: Counts = {}
  countSpans(body, contentType, counts)
  return counts
}

/** A protobuf field that holds bytes. */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  const length: number[] = []
  let rest = bytes.length
  for (; rest > 127; rest = rest >>> 7) length.push((rest & 127) | 128)
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length, rest]), bytes])
}

const fixed64 = (number: number): Buffer => Buffer.from([(number << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8])
const varint = (number: number): Buffer => Buffer.from([number << 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
const span = (name: string): Buffer =>
  field(
    2,
    Buffer.concat([
      field(1, 'trace'),
      varint(6),
      fixed64(7),
      field(5, name),
      field(9, field(5, 'of an attribute')),
    ]),
  )
const scope = (...spans: Buffer[]): Buffer => field(2, Buffer.concat([field(1, 'scope'), ...spans]))
const resource = (...scopes: Buffer[]): Buffer => field(1, Buffer.concat([field(1, 'resource'), ...scopes]))

test('spans in protobuf are counted by name, over all resources and scopes', () => {
  const many = scope(...Array.from({ length: 20 }, () => span('admit')), span('a name of'.padEnd(200, ' it')))
  const body = Buffer.concat([resource(many, scope(span('commit'))), resource(scope(span('admit')))])
  assert.deepEqual(counted(body, 'application/x-protobuf'), {
    admit: 21,
    commit: 1,
    ['a name of'.padEnd(200, ' it')]: 1,
  })
  assert.deepEqual(counted(Buffer.alloc(0), 'application/x-protobuf'), {})
})

test('spans in JSON are counted by name', () => {
  const spans = [{ name: 'admit' }, { name: 'commit' }, { name: 'admit' }]
  const body = {
    resourceSpans: [{ scopeSpans: [{ spans }, {}] }, { scopeSpans: [{ spans: [{ name: 'x' }] }] }],
  }
  assert.deepEqual(counted(Buffer.from(JSON.stringify(body)), 'application/json; charset=utf-8'), {
    admit: 2,
    commit: 1,
    x: 1,
  })
})

test('what is cut off or no protobuf is refused', () => {
  const whole = resource(scope(span('admit')))
  for (const body of [whole.subarray(0, -1), Buffer.from([0x0f]), Buffer.from([0xff])]) {
    assert.throws(() => counted(body, 'application/x-protobuf'), CohortError)
  }
})
