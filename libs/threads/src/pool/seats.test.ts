// What the table of seats promises: one owner a seat, and the seat of one that ended goes to the next.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { freeSeat, makeSeats, takeSeat } from './seats.js'

test('seats with a CPU are taken first, then those without, then there is none', () => {
  const seats = makeSeats(3, [5, 2])
  assert.deepEqual(takeSeat(seats, 11, 0), { seat: 0, cpu: 5 })
  assert.deepEqual(takeSeat(seats, 12, 0), { seat: 1, cpu: 2 })
  assert.deepEqual(takeSeat(seats, 13, 0), { seat: 2, cpu: null })
  assert.equal(takeSeat(seats, 14, 0), undefined)
})

test('whoever comes and goes: no CPU has two owners, and who comes finds a seat while one is free', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(), { maxLength: 60 }), (threads, choices) => {
      const cpus = Array.from({ length: threads }, (_, i) => 10 + i)
      const seats = makeSeats(threads, cpus)
      const owned = new Map<number, number | null>()
      for (const [i, choice] of choices.entries()) {
        const leaving = [...owned.keys()][choice % (threads + 1)]
        if (leaving === undefined) {
          const seat = takeSeat(seats, i + 1, 0)
          assert.equal(seat === undefined, owned.size === threads)
          if (seat !== undefined) owned.set(i + 1, seat.cpu)
        } else {
          freeSeat(seats, leaving)
          owned.delete(leaving)
        }
        assert.equal(new Set(owned.values()).size, owned.size)
      }
    }),
  )
})

test('freeing the seat of a thread that has none changes nothing', () => {
  const seats = makeSeats(1, [5])
  takeSeat(seats, 11, 0)
  freeSeat(seats, 12)
  assert.equal(takeSeat(seats, 12, 0), undefined)
})
