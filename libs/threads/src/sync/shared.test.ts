// The shared structures under real threads, and what each refuses. Their interleavings: test/interleavings
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { CohortError } from '@cohort/contracts'
import { COUNTERS, placeOf, RING, TABLE_VALUES, together } from '../testing/sharing.js'
import { Counters } from './counters.js'
import { ReadWriteLock } from './read-write-lock.js'
import { Ring } from './ring.js'
import { SequenceLock } from './sequence-lock.js'

const TIMES = 60_000

const internal = (error: unknown): boolean => error instanceof CohortError && error.code === 'internal'

/** Runs `look` between the turns of the event loop until `done`. */
async function meanwhile<Value>(done: Promise<Value>, look: () => void): Promise<Value> {
  let ended = false
  void done.finally(() => (ended = true))
  while (!ended) {
    for (let i = 0; i < 100; i++) look()
    await turn()
  }
  return done
}

test('threads count for themselves, and who reads sees halves that only grow', async () => {
  const place = placeOf(Counters.bytes(COUNTERS))
  const counters = new Counters(place, COUNTERS)
  const part = { does: 'count', times: TIMES } as const
  let last = 0
  await meanwhile(together(place, [part, part, part]), () => {
    const now = counters.read(1, 2)
    assert.ok(now >= last && now % 0.5 === 0, `${now} after ${last}`)
    last = now
  })
  for (let counter = 0; counter < 3; counter++) assert.equal(counters.total(counter), (3 * TIMES * 0.5) / 3)
})

test('a writer that comes after another one goes on from its values; no thread touches the line of another', () => {
  const place = placeOf(Counters.bytes(COUNTERS))
  const counters = new Counters(place, COUNTERS)
  counters.writer(1).add(0, 2.5)
  counters.writer(1).add(0, -1)
  assert.equal(counters.read(1, 0), 1.5)
  const words = new Float64Array(place.buffer, place.offset)
  assert.deepEqual([words.length, words.indexOf(1.5)], [24, 8])
  assert.throws(() => counters.writer(3), internal)
  assert.throws(() => counters.read(0, 3), internal)
})

test('records arrive once, whole and in order, and the rest is counted as dropped', async () => {
  const place = placeOf(Ring.bytes(RING))
  const ring = new Ring(place, RING)
  const record = new Float64Array(3)
  let popped = 0
  const take = () => {
    while (ring.pop(record)) {
      assert.deepEqual([...record], [popped, popped * 3, -popped])
      popped++
    }
  }
  const [pushed = 0] = await meanwhile(together(place, [{ does: 'push', times: TIMES / 10 }]), take)
  take()
  assert.equal(popped, pushed)
  assert.equal(ring.dropped, TIMES / 10 - pushed)
})

test('a table is read whole and never older than before', async () => {
  const place = placeOf(SequenceLock.bytes(TABLE_VALUES))
  const table = new SequenceLock(place, TABLE_VALUES)
  const into = new Float64Array(TABLE_VALUES)
  let last = 0
  const look = () => {
    assert.ok(table.read(into))
    assert.equal(new Set(into).size, 1)
    assert.ok((into[0] ?? 0) >= last)
    last = into[0] ?? 0
  }
  await meanwhile(together(place, [{ does: 'publish', times: TIMES }]), look)
  look()
  assert.equal(last, TIMES / 3)
})

test('a table whose writer died in the middle is not read, and is whole again after the next write', () => {
  const place = placeOf(SequenceLock.bytes(1))
  const table = new SequenceLock(place, 1)
  const into = new Float64Array(1)
  new Int32Array(place.buffer, place.offset)[0] = 7
  assert.equal(table.read(into, 100), false)
  table.write([5])
  assert.equal(table.read(into, 1), true)
  assert.equal(into[0], 5)
  assert.throws(() => table.write([1, 2]), internal)
})

test('behind the lock readers see what writers left, no write is lost, and waits are counted', async () => {
  const place = placeOf(ReadWriteLock.bytes() + 64)
  const [write, read] = [
    { does: 'write', times: TIMES / 2 },
    { does: 'read', times: TIMES },
  ] as const
  const lock = new ReadWriteLock(place)
  lock.lockWrite()
  const done = together(place, [write, write, read])
  const words = new Int32Array(place.buffer, place.offset)
  // Two writers are counted as waiting, and a reader is asleep: from here on all three run at once.
  while (((Atomics.load(words, 0) >> 13) & 0xff) < 2 || Atomics.load(words, 16) < 1) await turn()
  lock.unlockWrite()
  const [, , torn] = await done
  assert.equal(torn, 0)
  assert.deepEqual(
    new Int32Array(place.buffer, place.offset + ReadWriteLock.bytes(), 2),
    new Int32Array([TIMES, TIMES]),
  )
  const { reads, writes, readNs, writeNs } = lock.waits
  assert.ok(reads >= 1 && writes >= 2 && readNs > 0 && writeNs > 0)
  assert.ok(reads <= TIMES && writes <= TIMES)
})

test('a lock that nobody holds cannot be given back', () => {
  const lock = new ReadWriteLock(placeOf(ReadWriteLock.bytes()))
  lock.lockRead()
  assert.equal(lock.tryWrite(), false)
  assert.throws(() => lock.unlockWrite(), internal)
  lock.unlockRead()
  assert.throws(() => lock.unlockRead(), internal)
  lock.lockWrite()
  assert.equal(lock.tryRead() || lock.tryWrite(), false)
  lock.unlockWrite()
  assert.deepEqual(lock.waits, { reads: 0, writes: 0, readNs: 0, writeNs: 0 })
})

test('a place that is not on a line of its own, or too small, is refused', () => {
  const buffer = new SharedArrayBuffer(1024)
  for (const offset of [8, -64, 0.5, 960]) {
    assert.throws(() => new ReadWriteLock({ buffer, offset }), internal)
    assert.throws(() => new Ring({ buffer, offset }, RING), internal)
    assert.throws(() => new SequenceLock({ buffer, offset }, 8), internal)
    assert.throws(() => new Counters({ buffer, offset }, COUNTERS), internal)
  }
  assert.throws(() => Ring.bytes({ records: 3, fields: 1 }), internal)
})
