// What the table of seats promises: one owner a seat, and the seat of one that ended goes to the next.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freeSeat, makeSeats, takeSeat } from './seats.js'

test('a seat has its CPU, or none; it has one owner', () => {
  const seats = makeSeats(3, [5, 2])
  assert.deepEqual(takeSeat(seats, { seat: 1, threadId: 11 }, 0), { seat: 1, cpu: 2 })
  assert.deepEqual(takeSeat(seats, { seat: 2, threadId: 12 }, 0), { seat: 2, cpu: null })
  assert.equal(takeSeat(seats, { seat: 1, threadId: 13 }, 0), undefined)
  assert.deepEqual(takeSeat(seats, { seat: 0, threadId: 13 }, 0), { seat: 0, cpu: 5 })
})

test('the seat of one that has ended goes to the next, and no other does', () => {
  const seats = makeSeats(2, [5, 6])
  takeSeat(seats, { seat: 0, threadId: 11 }, 0)
  takeSeat(seats, { seat: 1, threadId: 12 }, 0)
  freeSeat(seats, 13)
  freeSeat(seats, 11)
  assert.equal(takeSeat(seats, { seat: 1, threadId: 14 }, 0), undefined)
  assert.deepEqual(takeSeat(seats, { seat: 0, threadId: 14 }, 0), { seat: 0, cpu: 5 })
})
