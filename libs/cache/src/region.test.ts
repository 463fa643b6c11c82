// What the free list promises: nobody's bytes overlap, nothing leaks, all freed is one range again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Region } from './region.js'

const FROM = 64
const TO = 64 + 64 * 40

/** A number n allocates n bytes; `free` gives back one of those that are lent, chosen by the number. */
const operations = fc.array(
  fc.oneof(fc.record({ allocate: fc.integer({ min: 1, max: 64 * 12 }) }), fc.record({ free: fc.nat() })),
  { maxLength: 120 },
)

test('whatever is lent and freed: no overlap, no byte lost, all aligned; all freed is one range', () => {
  fc.assert(
    fc.property(operations, (steps) => {
      const region = new Region(FROM, TO, (end) => ({ end }))
      const lent = new Map<number, number>()
      for (const step of steps) {
        if ('allocate' in step) {
          const offset = region.allocate(step.allocate)
          if (offset === undefined) assertNoGapOf(region, step.allocate)
          else lent.set(offset, step.allocate)
        } else if (lent.size > 0) {
          const offset = [...lent.keys()][step.free % lent.size] ?? 0
          region.free(offset)
          lent.delete(offset)
        }
        assertWhole(region, lent)
      }
      for (const offset of lent.keys()) region.free(offset)
      assert.deepEqual(region.freeRanges, [{ from: FROM, to: TO }])
      assert.equal(region.bytesInUse, 0)
    }),
    { numRuns: 500 },
  )
})

test('the lowest place that is large enough is taken', () => {
  const region = new Region(FROM, TO, (end) => ({ end }))
  const [first, , third] = [
    region.allocate(64),
    region.allocate(64),
    region.allocate(128),
    region.allocate(64),
  ]
  region.free(first ?? 0)
  region.free(third ?? 0)
  assert.equal(region.allocate(128), third)
  assert.equal(region.allocate(1), first)
})

test('what never fits is refused even when the region is empty; what fills it exactly is not', () => {
  const region = new Region(FROM, TO, (end) => ({ end }))
  assert.throws(() => region.allocate(TO - FROM + 1), { code: 'arena_full' })
  assert.equal(region.allocate(TO - FROM), FROM)
  assert.equal(region.allocate(1), undefined)
})

test('nonsense is a bug that is told: no bytes, half a byte, freed twice, never lent', () => {
  const region = new Region(FROM, TO, (end) => ({ end }))
  for (const bytes of [0, -1, 1.5, NaN, Infinity])
    assert.throws(() => region.allocate(bytes), { code: 'internal' })
  const offset = region.allocate(100) ?? 0
  region.free(offset)
  assert.throws(() => region.free(offset), { code: 'internal' })
  assert.throws(() => region.free(offset + 64), { code: 'internal' })
})

test('a region whose memory is refused is full for now; what can never be granted is an error', () => {
  const refusal = new Error('no more')
  let reach = FROM + 192
  const region = new Region(FROM, TO, () => ({ end: reach, refusal }))
  const first = region.allocate(64) ?? assert.fail()
  const second = region.allocate(64)
  assert.equal(region.allocate(128), undefined)
  assert.throws(() => region.allocate(193), { code: 'arena_full', cause: refusal })
  region.free(first)
  assert.deepEqual(region.freeRanges, [
    { from: FROM, to: FROM + 64 },
    { from: FROM + 128, to: TO },
  ])
  assert.equal(second, FROM + 64)
  assert.equal(region.allocate(128), undefined)
  reach = TO
  assert.equal(region.allocate(128), FROM + 128, 'granted now')
})

/** Lent and free ranges, in order, cover the region exactly, and no two free ones touch. */
function assertWhole(region: Region, lent: ReadonlyMap<number, number>): void {
  const pieces = [
    ...region.freeRanges.map(({ from, to }) => ({ from, to, free: true })),
    ...[...lent].map(([from, bytes]) => ({ from, to: from + Math.ceil(bytes / 64) * 64, free: false })),
  ].toSorted((a, b) => a.from - b.from)
  let at = FROM
  let previousFree = false
  for (const { from, to, free } of pieces) {
    assert.equal(from, at)
    assert.equal(from % 64, 0)
    assert.ok(!(free && previousFree), 'two free ranges touch')
    at = to
    previousFree = free
  }
  assert.equal(at, TO)
  const free = region.freeRanges.reduce((sum, { from, to }) => sum + to - from, 0)
  assert.equal(region.bytesInUse, TO - FROM - free)
}

function assertNoGapOf(region: Region, bytes: number): void {
  assert.ok(
    region.freeRanges.every(({ from, to }) => to - from < bytes),
    'refused though a gap was large enough',
  )
}
