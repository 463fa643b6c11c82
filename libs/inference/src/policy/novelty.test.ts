// Information gain about counts: never negative, less where more is known, none where there is nothing to learn.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Model, Tensor } from '@cohort/contracts'
import fc from 'fast-check'
import { readRow } from '../row/read.js'
import { policyActions } from '../model/policies.js'
import { termOf } from '../slot.js'
import { seenSomehow, show } from '../testing/seen.js'
import {
  axesOf,
  entryOf,
  normalised,
  structured,
  type Structured,
  structures,
  tensor,
} from '../testing/structured.js'
import { openTestSlot, type TestSlot } from '../testing/test-slot.js'

const GAINS = ['paramInfoGainA', 'paramInfoGainB'] as const

function stepped(model: Model, seed: number, steps = 1): TestSlot {
  const slot = openTestSlot(model, 1)
  for (let tick = 0; tick < steps; tick++) {
    show(slot, 0, seenSomehow(slot.info.shapes.numObs, seed + tick))
    slot.step()
    assert.equal(slot.errors[0], 0)
  }
  return slot
}

const SEEKING = { useParamInfoGain: true } as const

const scaled = (counts: Tensor, by: number): Tensor =>
  tensor(axesOf(counts), (index) => by * entryOf(counts, index))

test('no gain is negative, whatever was learned', () => {
  const learning = { A: { rate: 4 }, B: {}, when: 'beforePlanning' } as const
  fc.assert(
    fc.property(structures, fc.boolean(), (structure, matchPymdp) => {
      const { model } = structured(structure, { learning, useParamInfoGain: true, policyLen: 2, matchPymdp })
      const slot = stepped(model, structure.seed, 3)
      for (const gain of GAINS) assert.ok(termOf(slot.scratch.terms, gain).every((one) => one >= 0))
    }),
  )
})

test('the gain is the expected ½ (1/p − 1/Σp) of what would be seen and of what would follow', () => {
  fc.assert(
    fc.property(structures, (structure) => {
      const made = structured(structure, SEEKING)
      const slot = stepped(made.model, structure.seed)
      const { beliefs } = readRow(slot.info, slot.row(0))
      for (let policy = 0; policy < slot.info.policies; policy++) {
        const [action] = policyActions(slot.compiled, policy)
        const gains = plainGains(made, beliefs, action)
        GAINS.forEach((gain, i) => {
          const got = termOf(slot.scratch.terms, gain)[policy]
          assert.ok(
            Math.abs(got - gains[i]) < 1e-9 * Math.max(1, gains[i]),
            `${gain}: ${got}, not ${gains[i]}`,
          )
        })
      }
    }),
    { numRuns: 60 },
  )
})

type Beliefs = readonly (readonly number[])[]

/** About A and about B, of one step. */
function plainGains(
  { A, B, controls, model }: Structured,
  beliefs: Beliefs,
  action: readonly number[],
): number[] {
  const own = controls.map((list) => list.map((control) => action[control]))
  const next = beliefs.map((q, f) =>
    q.map((_, s) => sumOver(beliefs, B[f], (states) => entryOf(model.B[f], [s, ...states, ...own[f]]))),
  )
  const ofA = A.flatMap((list, m) => {
    const counts = model.pA?.[m] ?? []
    return counts.map((_, o) => {
      const seen = sumOver(next, list, (states) => entryOf(model.A[m], [o, ...states]))
      return seen * sumOver(next, list, (states) => weight(counts, [o, ...states]))
    })
  })
  const ofB = B.flatMap((list, f) => {
    const counts = model.pB?.[f] ?? []
    return next[f].map(
      (p, s) => p * sumOver(beliefs, list, (states) => weight(counts, [s, ...states, ...own[f]])),
    )
  })
  return [ofA, ofB].map((terms) => terms.reduce((sum, term) => sum + term, 0))
}

/** Σ over the states of `factors` of what they are worth, by what is believed. */
function sumOver(
  beliefs: Beliefs,
  factors: readonly number[],
  worth: (states: readonly number[]) => number,
): number {
  const [f, ...others] = factors
  if (f === undefined) return worth([])
  return beliefs[f].reduce(
    (sum, q, s) => sum + q * sumOver(beliefs, others, (rest) => worth([s, ...rest])),
    0,
  )
}

function weight(counts: Tensor, index: readonly number[]): number {
  const [, ...column] = index
  const p = entryOf(counts, index)
  const total = counts.reduce<number>((sum, _, row) => sum + entryOf(counts, [row, ...column]), 0)
  return p === 0 ? 0 : (1 / p - 1 / total) / 2
}

test('the same beliefs from more counts leave less to gain: tenfold, a tenth', () => {
  fc.assert(
    fc.property(structures, (structure) => {
      const { model } = structured(structure, SEEKING)
      const more = {
        ...model,
        pA: (model.pA ?? []).map((counts) => scaled(counts as Tensor, 10)),
        pB: (model.pB ?? []).map((counts) => scaled(counts as Tensor, 10)),
      }
      const [few, many] = [model, more].map((one) => stepped(one, structure.seed).scratch.terms)
      for (const gain of GAINS)
        termOf(many, gain).forEach((one, policy) => {
          const before = termOf(few, gain)[policy]
          assert.ok(Math.abs(one - before / 10) <= 1e-9 * Math.max(1, before), `${one}, ${before}`)
        })
    }),
  )
})

/** One state, seen for certain: its column of counts is what there is to learn. */
const sure = (column: readonly number[], options: Model['options'] = SEEKING): Model => {
  const pA = [column.map((count) => [count])]
  return { A: pA.map(normalised), pA, B: [[[[1]]]], options }
}

test('any count more, of whatever outcome, leaves less to gain', () => {
  const columns = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 2, maxLength: 5 })
  fc.assert(
    fc.property(columns, fc.nat(), fc.double({ min: 0.01, max: 100, noNaN: true }), (column, at, more) => {
      const after = column.map((count, o) => (o === at % column.length ? count + more : count))
      const [one, two] = [column, after].map(
        (counts) => termOf(stepped(sure(counts), 0).scratch.terms, GAINS[0])[0],
      )
      assert.ok(two < one && two > 0, `${two}, ${one}`)
    }),
  )
})

test('counts of zero and matrices without counts add nothing', () => {
  const gainOf = (column: readonly number[]) => termOf(stepped(sure(column), 0).scratch.terms, GAINS[0])[0]
  assert.equal(gainOf([2, 1, 0, 0]), gainOf([2, 1]))
  // The stabiliser under each count is all that is left of a column of one count.
  assert.ok(gainOf([3]) < 1e-12 && gainOf([3, 0]) < 1e-12)
  const { model } = structured(
    { numStates: [3], numObs: [2, 2], numControls: [2], seed: 1, zeros: 0 },
    SEEKING,
  )
  const without = stepped({ ...model, pA: [null, null], pB: [null], options: {} }, 0).scratch.terms
  for (const gain of GAINS) assert.ok(termOf(without, gain).every((one) => one === 0))
  const some = stepped({ ...model, pA: [null, model.pA?.[1] ?? null], pB: [null] }, 0).scratch.terms
  const all = stepped(model, 0).scratch.terms
  assert.ok(termOf(some, GAINS[0])[0] > 0 && termOf(some, GAINS[0])[0] < termOf(all, GAINS[0])[0])
})

test('matchPymdp, whose weights have no ½, is exactly twice', () => {
  fc.assert(
    fc.property(structures, (structure) => {
      const [ours, theirs] = [false, true].map((matchPymdp) => {
        const { model } = structured(structure, { matchPymdp, useParamInfoGain: true })
        return stepped(model, structure.seed).scratch.terms
      })
      for (const gain of GAINS)
        assert.deepEqual(
          [...termOf(theirs, gain)],
          [...termOf(ours, gain)].map((one) => 2 * one),
        )
    }),
  )
})
