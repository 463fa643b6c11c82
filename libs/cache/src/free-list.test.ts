// What the free list promises: one owner a slot, none lost, under real threads too. Interleavings: test/interleavings
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { CohortError } from '@cohort/contracts'
import fc from 'fast-check'
import { FreeList } from './free-list.js'
import type { ListPart } from './testing/list-thread.js'

const internal = (error: unknown): boolean => error instanceof CohortError && error.code === 'internal'
const listOf = (slots: number) => new FreeList(new SharedArrayBuffer(FreeList.bytes(slots)), 0, slots)

test('fresh memory has every slot, and what came back last goes first', () => {
  const list = listOf(3)
  assert.deepEqual([list.take(), list.take(), list.take(), list.take()], [0, 1, 2, undefined])
  list.giveBack(1)
  list.giveBack(2)
  assert.deepEqual([list.take(), list.take(), list.take()], [2, 1, undefined])
})

test('whoever takes and gives back: a slot has one owner, and none is lost', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat(), { maxLength: 200 }), (slots, choices) => {
      const list = listOf(slots)
      const lent: number[] = []
      for (const choice of choices) {
        const [back] = choice % 2 === 0 ? lent.splice(choice % (lent.length + 1), 1) : []
        if (back !== undefined) {
          list.giveBack(back)
          continue
        }
        const slot = list.take()
        assert.equal(slot === undefined, lent.length === slots)
        if (slot !== undefined) lent.push(slot)
        assert.equal(new Set(lent).size, lent.length)
      }
    }),
  )
})

test('what is not lent out cannot be given back, and no list lies across lines', () => {
  const list = listOf(2)
  for (const slot of [0, 1, 2, -1, 0.5]) assert.throws(() => list.giveBack(slot), internal)
  list.take()
  list.giveBack(0)
  assert.throws(() => list.giveBack(0), internal)
  assert.deepEqual([list.take(), list.take(), list.take()], [0, 1, undefined])
  const buffer = new SharedArrayBuffer(256)
  for (const offset of [8, -64, 192]) assert.throws(() => new FreeList(buffer, offset, 4), internal)
  assert.throws(() => FreeList.bytes(0), internal)
})

test('three threads on five slots: none is lent twice, and all are there in the end', async () => {
  const slots = 5
  const owners = FreeList.bytes(slots)
  const buffer = new SharedArrayBuffer(owners + 4 * slots)
  const answers = [1, 2, 3].map(async (me) => {
    const workerData: ListPart = { buffer, slots, owners, me, times: 60_000 }
    const worker = new Worker(new URL('./testing/list-thread.js', import.meta.url), { workerData })
    const [answer] = (await once(worker, 'message')) as [{ faults: number; taken: number }]
    return answer
  })
  const told = await Promise.all(answers)
  assert.deepEqual(
    told.map(({ faults }) => faults),
    [0, 0, 0],
  )
  // Not each of them: two that stand still on a busy machine may hold all five while the third looks 60,000 times.
  assert.ok(told.reduce((sum, { taken }) => sum + taken, 0) > 60_000)
  const list = new FreeList(buffer, 0, slots)
  const left = Array.from({ length: slots + 1 }, () => list.take())
  assert.deepEqual(left.toSorted(), [0, 1, 2, 3, 4, undefined])
})
