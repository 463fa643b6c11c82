// Promises of contexts that travel: what is written is read back; anybody's data is a context or none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isSampled, readMetadata, readTraceparent, writeMetadata, writeTraceparent } from './traceparent.js'

const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
    .map((all) => all.join(''))
    .filter((text) => /[^0]/.test(text))
const aContext = fc.record({ traceId: hex(32), spanId: hex(16), traceFlags: fc.constantFrom(0, 1) })

test('a context is the same after its way through a header, or through a job', () => {
  fc.assert(
    fc.property(aContext, (context) => {
      const read = readTraceparent(writeTraceparent(context))
      assert.deepEqual(read, { ...context, isRemote: true })
      assert.deepEqual(readMetadata(writeMetadata(context)), read)
    }),
  )
})

test('the state of a trace goes with it', () => {
  const read = readTraceparent(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, 'vendor=1,other=2')
  assert.ok(read)
  assert.equal(readMetadata(writeMetadata(read))?.traceState?.serialize(), 'vendor=1,other=2')
})

test('a header that is none, or has no ids in it, is no context', () => {
  const [trace, span] = ['a'.repeat(32), 'b'.repeat(16)]
  const none = [
    undefined,
    '',
    'garbage',
    `00-${trace}-${span}`,
    `00-${trace}-${span}-01-more`,
    `ff-${trace}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span}-01,00-${trace}-${span}-01`,
  ]
  for (const header of none) assert.equal(readTraceparent(header), undefined, String(header))
  assert.ok(readTraceparent(`01-${trace}-${span}-01-more`), 'a later version may have more')
  assert.equal(isSampled(readTraceparent(`00-${trace}-${span}-02`) ?? assert.fail()), false)
})

test('metadata of any kind is a context or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.string(), fc.json()), (metadata) => {
      assert.equal(readMetadata(metadata), undefined)
    }),
  )
})
