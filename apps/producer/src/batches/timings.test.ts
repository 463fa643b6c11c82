// Promises of the timings: they add up to what the caller waited, none is negative, whatever the clocks say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LEGS } from '@cohort/contracts'
import fc from 'fast-check'
import { legsToCommit, legTimings } from './timings.js'

/** Nine lengths of legs, as whole tenths of a millisecond, and how far the worker's clock is ahead. */
const lengths = fc.tuple(
  fc.array(fc.nat(5000), { minLength: 9, maxLength: 9 }),
  fc.integer({ min: -20_000, max: 20_000 }),
)

function marksOf([tenths, ahead]: [number[], number]) {
  const ends: number[] = []
  for (const length of tenths) ends.push((ends.at(-1) ?? 17_000_000_000_000) + length / 10)
  const [
    admitted = 0,
    added = 0,
    taken = 0,
    load = 0,
    dispatch = 0,
    compute = 0,
    commit = 0,
    received = 0,
    answered = 0,
  ] = ends
  const here = { arrived: 17_000_000_000_000, admitted, added, received, answered }
  const skew = ahead / 10
  return {
    here,
    worker: {
      taken: taken + skew,
      load: load + skew,
      dispatch: dispatch + skew,
      compute: compute + skew,
      commit: commit + skew,
    },
  }
}

test('with one clock each leg has its own length', () => {
  const { here, worker } = marksOf([[10, 20, 30, 40, 50, 60, 70, 80, 90], 0])
  const timings = legTimings(here, worker)
  assert.deepEqual(
    LEGS.map((leg) => Math.round(timings[leg])),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
})

test('they are never negative and add up, however far a worker’s clock is off', () => {
  fc.assert(
    fc.property(lengths, (wanted) => {
      const { here, worker } = marksOf(wanted)
      const timings = Object.values(legTimings(here, worker))
      assert.ok(
        timings.every((ms) => ms >= 0),
        String(timings),
      )
      const sum = timings.reduce((total, ms) => total + ms, 0)
      assert.ok(Math.abs(sum - (here.answered - here.arrived)) < 0.05, `${sum}`)
    }),
  )
})

test('a leg that took no time is told as 0', () => {
  const { here, worker } = marksOf([[10, 20, 30, 40, 50, 60, 70, 0, 0], 0])
  const { commit, notify } = legTimings(here, worker)
  assert.deepEqual([commit, notify], [0, 0])
})

test('of a batch that is read later the legs after the commit began are absent, and the others as they were', () => {
  fc.assert(
    fc.property(lengths, (wanted) => {
      const { here, worker } = marksOf(wanted)
      const legs = legsToCommit(here, worker)
      assert.deepEqual(Object.keys(legs), LEGS.slice(0, -2))
      const { queue, ...known } = legs
      const lengthsOf = wanted[0].map((tenths) => tenths / 10)
      const [admit, gather, , take, load, dispatch, compute] = lengthsOf
      for (const [leg, ms] of Object.entries({ admit, gather, take, load, dispatch, compute }))
        assert.ok(Math.abs((known[leg as keyof typeof known] ?? -1) - (ms ?? 0)) < 0.02, leg)
      assert.ok(queue >= 0)
      const sum = Object.values(legs).reduce((total, ms) => total + ms, 0)
      const untilCommit = Math.max(worker.commit, here.added + worker.commit - worker.taken) - here.arrived
      assert.ok(Math.abs(sum - untilCommit) < 0.05, `${sum}, not ${untilCommit}`)
    }),
  )
})

test('also where a clock was set back in the middle of a job', () => {
  fc.assert(
    fc.property(lengths, fc.integer({ min: -5000, max: 5000 }), (wanted, jump) => {
      const { here, worker } = marksOf(wanted)
      const timings = Object.values(legTimings(here, { ...worker, compute: worker.compute + jump }))
      assert.ok(
        timings.every((ms) => ms >= 0),
        String(timings),
      )
      const sum = timings.reduce((total, ms) => total + ms, 0)
      assert.ok(Math.abs(sum - (here.answered - here.arrived)) < 0.05, `${sum}`)
    }),
  )
})
