// What slots promise a job: its turn comes, in order, and what can never be is refused at once.
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena } from './arena.js'
import { Slots } from './slots.js'

const twenty = () => new Slots(new Arena({ maxBytes: 65_536, slotBytes: 20 * 64 }))

test('a slot is had at once while there is room; its bytes are another’s after its release', async () => {
  const slots = twenty()
  const first = await slots.acquire(10 * 64)
  const second = await slots.acquire(10 * 64)
  assert.notEqual(first, second)
  slots.release(first)
  assert.equal(await slots.acquire(5 * 64), first)
})

test('a slot that can never fit is refused at once, even while others wait', async () => {
  const slots = twenty()
  await slots.acquire(20 * 64)
  const waiting = slots.acquire(64)
  await assert.rejects(slots.acquire(20 * 64 + 1), { code: 'arena_full' })
  assert.equal(slots.waiting, 1)
  slots.release(64)
  assert.equal(await waiting, 64)
})

test('a large request is not overtaken by small ones that would fit', async () => {
  const slots = twenty()
  const [a, b] = [await slots.acquire(10 * 64), await slots.acquire(5 * 64)]
  const served: string[] = []
  const large = slots.acquire(18 * 64).then((offset) => {
    served.push('large')
    return offset
  })
  const small = slots.acquire(64).then(() => served.push('small'))
  await setImmediate()
  assert.deepEqual(served, [])
  slots.release(a)
  await setImmediate()
  assert.deepEqual(served, [])
  slots.release(b)
  await Promise.all([large, small])
  assert.deepEqual(served, ['large', 'small'])
})

test('whatever comes and goes: all are served, in the order in which they came', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 20 * 64 }), { minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(sizes, fc.infiniteStream(fc.nat()), async (requests, choices) => {
      const slots = twenty()
      const served: number[] = []
      const held: number[] = []
      requests.forEach((bytes, i) => {
        void slots.acquire(bytes).then((offset) => {
          served.push(i)
          held.push(offset)
        })
      })
      while (served.length < requests.length || held.length > 0) {
        await setImmediate()
        assert.ok(held.length > 0, 'nobody holds a slot and somebody waits')
        const [offset] = held.splice((choices.next().value ?? 0) % held.length, 1)
        slots.release(offset ?? 0)
      }
      assert.deepEqual(
        served,
        requests.map((_, i) => i),
      )
    }),
    { numRuns: 100 },
  )
})

test('a waiter whom the system refuses memory is told, and the next is served', async () => {
  const arena = new Arena({ maxBytes: 2 ** 20, slotBytes: 300_000 })
  const slots = new Slots(arena)
  const first = await slots.acquire(60_000)
  const grow = arena.memory.grow.bind(arena.memory)
  await slots.acquire(200_000)
  const large = slots.acquire(270_000)
  const small = slots.acquire(64)
  arena.memory.grow = () => {
    throw new RangeError('no memory')
  }
  slots.release(first)
  slots.release(first + 60_032)
  await assert.rejects(large, { code: 'arena_full' })
  assert.equal(await small, first)
  arena.memory.grow = grow
})
