// event-loop-aware scheduling: fewer jobs while the loop is late, more while threads wait, and no swinging.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { firstIntake, type IntakeSample, nextIntake, openIntake } from './intake.js'

const fine: IntakeSample = { lateMs: 1, busy: 0.4, jobs: 9, idle: 1 }

test('event-loop-aware scheduling: a late loop has one job fewer at each look, but never fewer than two', () => {
  const late = { ...fine, lateMs: 11 }
  assert.deepEqual(
    [9, 3, 2].map((now) => nextIntake(now, 8, late)),
    [8, 2, 2],
  )
})

test('one more only where all are in hand, threads wait and the loop has time', () => {
  assert.equal(nextIntake(9, 8, fine), 10)
  const reasons: Partial<IntakeSample>[] = [{ jobs: 8 }, { idle: 0 }, { busy: 0.95 }]
  for (const reason of reasons) assert.equal(nextIntake(9, 8, { ...fine, ...reason }), 9)
})

test('whatever is seen: from two to four for each thread and one', () => {
  const sample = fc.record({
    lateMs: fc.double({ min: 0, max: 100, noNaN: true }),
    busy: fc.double({ min: 0, max: 1, noNaN: true }),
    jobs: fc.nat(100),
    idle: fc.nat(10),
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 128 }), fc.array(sample), (threads, samples) => {
      const end = samples.reduce((now, one) => nextIntake(now, threads, one), firstIntake(threads))
      assert.ok(end >= 2 && end <= 4 * (threads + 1))
    }),
  )
})

test('against a main thread that is late from six jobs on: it stays within one of that', () => {
  let now = firstIntake(2)
  const seen = Array.from({ length: 50 }, () => {
    now = nextIntake(now, 2, { lateMs: now > 6 ? 15 : 3, busy: 0.5, jobs: now, idle: 1 })
    return now
  })
  assert.ok(seen.slice(10).every((jobs) => jobs === 6 || jobs === 7))
})

test(
  'a loop that is really held up takes fewer jobs, and more again when it is free',
  { timeout: 20_000 },
  async () => {
    const told: number[] = []
    const busy = setInterval(() => {
      const end = performance.now() + 60
      while (performance.now() < end);
    }, 70)
    const intake = openIntake({
      threads: 4,
      look: () => ({ jobs: intake.jobs, idle: 1 }),
      onChange: (jobs) => told.push(jobs),
    })
    try {
      while (intake.jobs > 2) await new Promise((resolve) => setTimeout(resolve, 20))
      clearInterval(busy)
      while (intake.jobs < 4) await new Promise((resolve) => setTimeout(resolve, 20))
      assert.deepEqual(told.slice(0, 3), [4, 3, 2])
    } finally {
      clearInterval(busy)
      intake.close()
    }
  },
)
