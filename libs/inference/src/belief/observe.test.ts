// What a model holds impossible: noted exactly where nothing that was expected could show it, and harming nobody else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelOptions } from '@cohort/contracts'
import fc from 'fast-check'
import { readBeliefs } from '../row/read.js'
import { NOTE_IMPOSSIBLE } from '../slot.js'
import { chanceOf, type Seen, seenSomehow, show } from '../testing/seen.js'
import { entryOf, indices, structured, type Structured, structures } from '../testing/structured.js'
import { openTestSlot, outcomeOf, type TestSlot } from '../testing/test-slot.js'

const holed = structures.map((structure) => ({ ...structure, zeros: 0.6 }))
const kinds: fc.Arbitrary<ModelOptions> = fc.constantFrom(
  {},
  { sweeps: 'sequential' },
  { inference: 'messagePassing', numIter: 3, window: 2 },
  { planning: 'sophisticated', horizon: 2, outcomePruneThreshold: 0.3 },
)

const isNoted = ({ buffer, at, layout, rows }: TestSlot, row = 0): boolean =>
  (new Int32Array(buffer, at + layout.notes, rows)[row] & NOTE_IMPOSSIBLE) !== 0

interface Shown {
  readonly seen: readonly Seen[]
  /** A prior up to this is none. */
  readonly least: number
}

/** Whether some joint state that the priors allow could have shown all of `modalities`. */
function couldShow(
  { A, model, numStates }: Structured,
  prior: readonly ArrayLike<number>[],
  { seen, least }: Shown,
) {
  return (modalities: readonly number[]) =>
    indices(numStates).some(
      (joint) =>
        joint.every((s, f) => prior[f][s] > least) &&
        modalities.every(
          (m) => chanceOf(seen[m], (o) => entryOf(model.A[m], [o, ...A[m].map((f) => joint[f])])) > 0,
        ),
    )
}

test('the note is set exactly where no joint state could have shown a group of modalities', () => {
  let noted = 0
  fc.assert(
    fc.property(holed, kinds, (structure, options) => {
      const made = structured(structure, options)
      const slot = openTestSlot(made.model, 1)
      for (let tick = 0; tick < 3; tick++) {
        const seen = seenSomehow(made.numObs, structure.seed + tick, options.inference === 'messagePassing')
        show(slot, 0, seen)
        slot.step()
        const possible = couldShow(made, slot.scratch.prior, { seen, least: 1e-12 })
        assert.equal(isNoted(slot), !slot.compiled.groups.every(({ modalities }) => possible(modalities)))
        if (isNoted(slot)) assert.equal(possible([...made.numObs.keys()]), false)
        noted += Number(isNoted(slot))
        for (const q of readBeliefs(slot.info, slot.row(0)))
          assert.ok(Math.abs(q.reduce((sum, p) => sum + p, 0) - 1) < 1e-9)
        assert.ok(Number.isFinite(slot.vfe[0]) && slot.errors[0] === 0)
      }
    }),
    { numRuns: 200 },
  )
  assert.ok(noted > 20, String(noted))
})

test('where all modalities hang on the same factors the note is exact; so it is in exact filtering', () => {
  const kind = fc.constantFrom('exact' as const, 'fixedPoint' as const)
  fc.assert(
    fc.property(holed, kind, (structure, inference) => {
      const numStates = inference === 'exact' ? structure.numStates.slice(0, 1) : structure.numStates
      const made = structured({ ...structure, numStates, whole: inference !== 'exact' }, { inference })
      const slot = openTestSlot(made.model, 1)
      for (let tick = 0; tick < 3; tick++) {
        const seen = seenSomehow(made.numObs, structure.seed + tick)
        show(slot, 0, seen)
        slot.step()
        const possible = couldShow(made, slot.scratch.prior, {
          seen,
          least: inference === 'exact' ? 0 : 1e-12,
        })
        assert.equal(isNoted(slot), !possible([...made.numObs.keys()]))
      }
    }),
    { numRuns: 200 },
  )
})

const IDENTITY = [
  [1, 0],
  [0, 1],
]
const CERTAIN = { A: [IDENTITY], B: [IDENTITY.map((row) => row.map((p) => [p]))] }

test('what earlier observations have refuted is impossible, though the stabiliser leaves a crumb of it', () => {
  for (const inference of ['fixedPoint', 'exact'] as const) {
    const slot = openTestSlot({ ...CERTAIN, options: { inference } }, 1)
    const notes = [0, 0, 1, 0].map((seen) => {
      slot.observe(0, [seen])
      slot.step()
      return isNoted(slot)
    })
    // The stabiliser leaves the fixed point in doubt after it, and the exact filter keeps what it knew.
    assert.deepEqual(notes, [false, false, true, false], inference)
  }
})

test('what is expected with more than 1e-12 is possible, and with less is as good as refuted', () => {
  const isImpossible = (p: number) => {
    const slot = openTestSlot({ ...CERTAIN, D: [[1 - p, p]] }, 1)
    slot.observe(0, [1])
    slot.step()
    return isNoted(slot)
  }
  assert.deepEqual([1e-6, 1e-9, 2e-12].map(isImpossible), [false, false, false])
  assert.deepEqual([5e-13, 1e-15, 0].map(isImpossible), [true, true, true])
})

test('a row that sees the impossible changes no byte of the others', () => {
  const pick = fc.record({ row: fc.nat(4), seed: fc.nat() })
  fc.assert(
    fc.property(holed, kinds, pick, (structure, options, { row, seed }) => {
      const { model, numObs } = structured(structure, options)
      const [startled, calm] = [openTestSlot(model, 5), openTestSlot(model, 5)]
      const hard = options.inference === 'messagePassing'
      for (let tick = 0; tick < 3; tick++) {
        for (let other = 0; other < 5; other++) {
          const seen = seenSomehow(numObs, seed + 10 * tick + other, hard)
          show(startled, other, other === row ? numObs.map((count) => count - 1) : seen)
          show(calm, other, other === row ? numObs.map(() => null) : seen)
        }
        for (const slot of [startled, calm]) slot.step()
        for (let other = 0; other < 5; other++) {
          if (other === row) continue
          assert.deepEqual(outcomeOf(startled, other), outcomeOf(calm, other))
          assert.equal(isNoted(startled, other), isNoted(calm, other))
        }
      }
    }),
    { numRuns: 60 },
  )
})
