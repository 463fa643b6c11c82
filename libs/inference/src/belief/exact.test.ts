// Exact filtering: the forward algorithm, the fixed point's numbers where nothing is near zero, zeros that stay.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Model } from '@cohort/contracts'
import fc from 'fast-check'
import { readBeliefs } from '../row/read.js'
import { NOTE_IMPOSSIBLE } from '../slot.js'
import { chanceOf, type Seen, seenSomehow, show } from '../testing/seen.js'
import { entryOf, indices, structured, type Structured, type Structure } from '../testing/structured.js'
import { openTestSlot } from '../testing/test-slot.js'

const size = fc.integer({ min: 1, max: 4 })
const oneFactor = (zeros: number): fc.Arbitrary<Structure> =>
  fc.record({
    numStates: size.map((states) => [states]),
    numObs: fc.array(size, { minLength: 1, maxLength: 4 }),
    numControls: size.map((actions) => [actions]),
    seed: fc.nat(),
    zeros: fc.constant(zeros),
  })

const inferring = (model: Model, inference: 'exact' | 'fixedPoint') => ({ ...model, options: { inference } })
const close = (got: number, expected: number, within = 1e-12) =>
  assert.ok(Math.abs(got - expected) <= within, `${got}, expected ${expected}`)

/** p(seen | s), as `A` has it. */
const likelihood = ({ A, model }: Structured, seen: readonly Seen[], s: number): number =>
  seen.reduce<number>((product, one, m) => {
    const column = A[m].length === 0 ? [] : [s]
    return product * chanceOf(one, (o) => entryOf(model.A[m], [o, ...column]))
  }, 1)

test('where nothing is near zero it is the fixed point, step after step', () => {
  fc.assert(
    fc.property(oneFactor(0), (structure) => {
      const made = structured(structure)
      const [exact, fixed] = (['exact', 'fixedPoint'] as const).map((kind) =>
        openTestSlot(inferring(made.model, kind), 1),
      )
      for (let tick = 0; tick < 5; tick++) {
        const seen = seenSomehow(made.numObs, structure.seed + tick).map((one) =>
          // A distribution may lie wholly on one outcome, but none here is impossible.
          one === null || typeof one === 'number' ? one : one.map((share) => 0.5 * share + 0.5 / one.length),
        )
        fixed.row(0).set(exact.row(0))
        for (const slot of [exact, fixed]) show(slot, 0, seen)
        for (const slot of [exact, fixed]) slot.step()
        exact.scratch.qs[0].forEach((q, s) => close(q, fixed.scratch.qs[0][s]))
        close(exact.vfe[0], fixed.vfe[0], 1e-10)
        exact.G.forEach((G, policy) => close(G, fixed.G[policy], 1e-10))
      }
    }),
  )
})

interface Sequence {
  readonly seen: readonly (readonly Seen[])[]
  /** Of the steps before each. */
  readonly actions: readonly number[]
}

/** p(s_T, o_0…T) for every last state: a sum over all sequences of states. */
function bruteForce(made: Structured, { seen, actions }: Sequence): number[] {
  const [states] = made.numStates
  const joint = new Array<number>(states).fill(0)
  for (const path of indices(seen.map(() => states))) {
    let p = 1
    path.forEach((s, t) => {
      const action = made.controls[0].map(() => actions[t - 1])
      p *= t === 0 ? (made.model.D?.[0]?.[s] ?? 0) : entryOf(made.model.B[0], [s, path[t - 1], ...action])
      p *= likelihood(made, seen[t], s)
    })
    joint[path[path.length - 1]] += p
  }
  return joint
}

test('it is the sum over all sequences of states, and its free energies add up to the surprise of all of it', () => {
  const any = fc.constantFrom(0, 0.4).chain(oneFactor)
  fc.assert(
    fc.property(any, (structure) => {
      const made = structured(structure)
      const slot = openTestSlot(inferring(made.model, 'exact'), 1)
      const seen: Seen[][] = []
      const actions: number[] = []
      let surprise = 0
      for (let tick = 0; tick < 4; tick++) {
        seen.push(seenSomehow(made.numObs, structure.seed + tick))
        show(slot, 0, seen[tick])
        slot.step()
        const joint = bruteForce(made, { seen, actions })
        const total = joint.reduce((sum, p) => sum + p, 0)
        if ((slot.scratch.notes & NOTE_IMPOSSIBLE) !== 0) return assert.equal(total, 0)
        assert.ok(total > 0)
        surprise += slot.vfe[0]
        close(surprise, -Math.log(total), 1e-10)
        joint.forEach((p, s) => {
          close(slot.scratch.qs[0][s], p / total)
          assert.equal(slot.scratch.qs[0][s] === 0, p === 0)
        })
        actions.push(slot.actions[0])
      }
      return undefined
    }),
    { numRuns: 300 },
  )
})

test('what is impossible leaves the prior, a surprise of ln 1e16, and a note', () => {
  const model: Model = {
    A: [
      [
        [1, 1, 0],
        [0, 0, 1],
      ],
    ],
    B: [
      [
        [[0], [1], [0]],
        [[1], [0], [0]],
        [[0], [0], [1]],
      ],
    ],
    D: [[0.75, 0.25, 0]],
    options: { inference: 'exact' },
  }
  const slot = openTestSlot(model, 1)
  for (const belief of [
    [0.75, 0.25, 0],
    [0.25, 0.75, 0],
    [0.75, 0.25, 0],
  ]) {
    slot.observe(0, [1])
    slot.step()
    assert.deepEqual(readBeliefs(slot.info, slot.row(0)), [belief])
    assert.equal(slot.scratch.notes, NOTE_IMPOSSIBLE)
    close(slot.vfe[0], 16 * Math.log(10))
  }
  slot.observe(0, [0])
  slot.step()
  assert.equal(slot.scratch.notes, 0)
  close(slot.vfe[0], 0)
})

test('columns that are off by a rounding do not add up, however long only the impossible is seen', () => {
  const off = 1 + 9e-7
  const model: Model = { A: [[[1], [0]]], B: [[[[off]]]], options: { inference: 'exact' } }
  const slot = openTestSlot(model, 1)
  slot.observe(0, [1])
  for (let tick = 0; tick < 100; tick++) {
    slot.step()
    assert.equal(slot.errors[0], 0)
    assert.deepEqual(readBeliefs(slot.info, slot.row(0)), [[1]])
  }
})
