// What the matrix cache promises: loaded once, never evicted in use, a failure is told to all and forgotten.
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena } from './arena.js'
import { MatrixCache } from './matrix-cache.js'

/** A cache with room for ten matrices of 64 bytes; a model's id is its content. */
function tenEntries() {
  const maxBytes = 65_536
  const arena = new Arena({ maxBytes, slotBytes: maxBytes - 64 - 10 * 64 })
  const cache = new MatrixCache<string>(arena)
  const loads: string[] = []
  const load =
    (id: string, units = 1) =>
    async () => {
      loads.push(id)
      return { bytes: bytesOf(id, units), info: `info of ${id}` }
    }
  const content = (offset: number, bytes: number) => arena.bytes(offset, bytes)
  return { arena, cache, loads, load, content }
}
const bytesOf = (id: string, units: number) => new Uint8Array(units * 64).fill(id.charCodeAt(0))

test('a hundred who ask at once share one load, one copy and its info', async () => {
  const { cache, loads, load, arena, content } = tenEntries()
  const leases = await Promise.all(Array.from({ length: 100 }, () => cache.lease('m', load('m', 2))))
  assert.deepEqual(loads, ['m'])
  assert.equal(new Set(leases.map((lease) => lease.handle.offset)).size, 1)
  const [{ handle, info } = assert.fail()] = leases
  assert.deepEqual([...content(handle.offset, handle.bytes)], [...bytesOf('m', 2)])
  assert.equal(info, 'info of m')
  const none = { evictions: 0, waits: 0, movedBytes: 0 }
  assert.deepEqual(cache.counters, { ...none, hits: 99, misses: 1, bytes: 128, entries: 1 })
  assert.equal(arena.bytesInUse, 128)
})

test('a load that fails reaches all who wait for it; the next lease loads again', async () => {
  const { cache, load } = tenEntries()
  const failing = async () => {
    await setImmediate()
    throw new Error('Redis is gone')
  }
  const results = await Promise.allSettled([cache.lease('m', failing), cache.lease('m', load('m'))])
  assert.ok(
    results.every((result) => result.status === 'rejected' && /Redis is gone/.test(String(result.reason))),
  )
  assert.equal(cache.counters.entries, 0)
  assert.equal((await cache.lease('m', load('m'))).info, 'info of m')
})

test('a load that throws before it waits for anything fails like any other', async () => {
  const { cache, load } = tenEntries()
  const throwing = () => {
    throw new Error('at once')
  }
  await assert.rejects(cache.lease('m', throwing), /at once/)
  await cache.lease('m', load('m'))
})

test('a model that can never fit is refused at once and nothing is evicted for it', async () => {
  const { cache, load } = tenEntries()
  ;(await cache.lease('a', load('a'))).release()
  await assert.rejects(cache.lease('b', load('b', 11)), { code: 'arena_full' })
  const none = { evictions: 0, waits: 0, movedBytes: 0 }
  assert.deepEqual(cache.counters, { ...none, hits: 0, misses: 2, bytes: 64, entries: 1 })
})

test('the least often leased makes room, and one that came back has a new serial', async () => {
  const { cache, loads, load } = tenEntries()
  const first = await cache.lease('a', load('a', 5))
  first.release()
  ;(await cache.lease('b', load('b', 5))).release()
  ;(await cache.lease('a', load('a', 5))).release()
  const c = await cache.lease('c', load('c', 5))
  assert.deepEqual(loads, ['a', 'b', 'c'])
  ;(await cache.lease('a', load('a', 5))).release()
  assert.deepEqual(loads, ['a', 'b', 'c'])
  c.release()
  ;(await cache.lease('b', load('b', 10))).release()
  const again = await cache.lease('a', load('a', 5))
  assert.equal(again.handle.offset, first.handle.offset)
  assert.ok(again.handle.serial > first.handle.serial)
  assert.equal(cache.counters.evictions, 4)
})

test('what passes through once does not push out what is used again and again', async () => {
  const { cache, loads, load } = tenEntries()
  const use = async (id: string) => (await cache.lease(id, load(id))).release()
  for (let i = 0; i < 3; i++) for (const id of 'abcde') await use(id)
  for (let i = 0; i < 100; i++) await use(String.fromCharCode(0x100 + i))
  loads.length = 0
  for (const id of 'abcde') await use(id)
  assert.deepEqual(loads, [])
})

test('more models in turn than fit: those that are here stay, where the oldest first would hit none', async () => {
  const { cache, load } = tenEntries()
  for (let round = 0; round < 20; round++)
    for (let i = 0; i < 20; i++) {
      const id = String.fromCharCode(0x100 + i)
      ;(await cache.lease(id, load(id))).release()
    }
  // Ten of twenty fit: all but the one that comes and goes are hit in each round.
  assert.ok(cache.counters.hits >= 19 * 9, `${cache.counters.hits} hits`)
})

test('when other models are wanted, those of before make room within some turns', async () => {
  const { cache, load } = tenEntries()
  const use = async (id: string) => (await cache.lease(id, load(id))).release()
  for (let i = 0; i < 30; i++) for (const id of 'abcdefghij') await use(id)
  for (let i = 0; i < 100; i++) for (const id of 'klmno') await use(id)
  const before = cache.counters.hits
  for (let i = 0; i < 10; i++) for (const id of 'klmno') await use(id)
  assert.equal(cache.counters.hits - before, 50)
})

test('what was popular is forgotten when nobody leases it any more', async () => {
  const { cache, loads, load } = tenEntries()
  const use = async (id: string) => (await cache.lease(id, load(id, 5))).release()
  for (let i = 0; i < 100; i++) for (const id of 'ab') await use(id)
  for (let i = 0; i < 30_000; i++) for (const id of 'cd') await use(id)
  loads.length = 0
  for (const id of 'cd') await use(id)
  assert.deepEqual(loads, [])
})

test('gaps are closed before a model is given up; what is moved keeps its bytes, what is used its place', async () => {
  const { cache, loads, load, content, arena } = tenEntries()
  const leases = []
  for (const id of 'abcde') leases.push(await cache.lease(id, load(id, 2)))
  const [a, b, c, d, e] = leases
  for (const lease of [b, d]) lease?.release()
  // What is wanted would fit in the gaps that b and d leave, but c is between them.
  const waiting = cache.lease('f', load('f', 4))
  await setImmediate()
  assert.deepEqual([cache.counters.evictions, cache.counters.waits, cache.counters.movedBytes], [2, 1, 0])
  c?.release()
  const { handle } = await waiting
  assert.deepEqual([...content(handle.offset, handle.bytes)], [...bytesOf('f', 4)])
  assert.deepEqual([cache.counters.evictions, cache.counters.movedBytes], [2, 128])
  const again = await cache.lease('c', load('c', 2))
  assert.deepEqual(loads, [...'abcdef'])
  assert.ok(again.handle.serial > (c?.handle.serial ?? Infinity))
  for (const [lease, id] of [
    [a, 'a'],
    [again, 'c'],
    [e, 'e'],
  ] as const)
    assert.deepEqual([...content(lease?.handle.offset ?? 0, 128)], [...bytesOf(id, 2)])
  assert.equal(arena.bytesInUse, 640)
})

test('where gaps are too far apart to be closed, a model more is given up instead', async () => {
  const mib = 2 ** 20
  const arena = new Arena({ maxBytes: 22 * mib + 65_536, slotBytes: 65_536 - 64 })
  const cache = new MatrixCache<undefined>(arena)
  const touch = async (id: string, bytes = mib) =>
    (await cache.lease(id, async () => ({ bytes: new Uint8Array(bytes), info: undefined }))).release()
  for (let n = 0; n < 22; n++) await touch(`${n}`)
  for (let n = 1; n < 21; n++) await touch(`${n}`)
  // The first and the last are the least worth; 20 MiB lie between.
  await touch('large', 2 * mib)
  assert.deepEqual([cache.counters.evictions, cache.counters.movedBytes], [3, 0])
})

test('the room for a large model is made in one sweep over many small ones, and is no more than it needs', async () => {
  const arena = new Arena({ maxBytes: 65_536 * 17, slotBytes: 65_536 - 64 })
  const cache = new MatrixCache<undefined>(arena)
  const touch = async (id: string, bytes: number) =>
    (await cache.lease(id, async () => ({ bytes: new Uint8Array(bytes), info: undefined }))).release()
  for (let n = 0; n < 2 ** 14; n++) await touch(`${n}`, 64)
  let sweeps = 0
  const pieces = arena.matrices.pieces.bind(arena.matrices)
  arena.matrices.pieces = () => {
    sweeps += 1
    return pieces()
  }
  await touch('large', 2 ** 18)
  assert.deepEqual(
    [cache.counters.evictions, cache.counters.entries, sweeps <= 1],
    [2 ** 12, 3 * 2 ** 12 + 1, true],
  )
})

test('a model in use is never evicted: the next waits for it, those behind wait their turn', async () => {
  const { cache, load, content } = tenEntries()
  const hot = await cache.lease('h', load('h', 6))
  const order: string[] = []
  const large = cache.lease('l', load('l', 8)).then((lease) => (order.push('large'), lease))
  await setImmediate()
  const hotAgain = cache.lease('h', load('h', 6)).then((lease) => (order.push('hot'), lease))
  await setImmediate()
  assert.deepEqual(order, [])
  assert.ok(content(hot.handle.offset, hot.handle.bytes).every((byte) => byte === 'h'.charCodeAt(0)))
  hot.release()
  const lease = await large
  assert.deepEqual(order, ['large'])
  lease.release()
  await hotAgain
  assert.deepEqual(order, ['large', 'hot'])
})

test('a lease released twice is a bug that is told', async () => {
  const { cache, load } = tenEntries()
  const lease = await cache.lease('a', load('a'))
  lease.release()
  assert.throws(() => lease.release(), { code: 'internal' })
})

test('many jobs lease many models: each sees its own bytes, all end, nothing leaks', async () => {
  const plan = fc.array(
    fc.record({
      id: fc.constantFrom(...'abcdefghijklmnop'),
      wait: fc.nat(3),
      fails: fc.nat(9).map((n) => n === 0),
    }),
    { minLength: 50, maxLength: 50 },
  )
  await fc.assert(
    fc.asyncProperty(plan, async (jobs) => {
      const { cache, load, arena, content } = tenEntries()
      const units = (id: string) => 1 + (id.charCodeAt(0) % 10)
      const job = async ({ id, wait, fails }: (typeof jobs)[number]) => {
        const failing = () => Promise.reject(new Error('planned'))
        const lease = await cache.lease(id, fails ? failing : load(id, units(id)))
        for (let i = 0; i <= wait; i++) {
          assert.deepEqual([...content(lease.handle.offset, lease.handle.bytes)], [...bytesOf(id, units(id))])
          await setImmediate()
        }
        lease.release()
      }
      const ends = await Promise.allSettled(jobs.map(job))
      const unplanned = ends.filter((end) => end.status === 'rejected' && !/planned/.test(String(end.reason)))
      assert.deepEqual(unplanned, [])
      // Everything is evictable again: one that needs all the room gets it.
      ;(await cache.lease('all', load('z', 10))).release()
      assert.equal(arena.bytesInUse, 640)
    }),
    { numRuns: 40 },
  )
})
