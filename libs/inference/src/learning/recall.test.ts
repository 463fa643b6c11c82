// What was learned is what the next step uses: an agent steps as one whose model was made of its counts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Learning, Model, ModelOptions, Tensor } from '@cohort/contracts'
import fc from 'fast-check'
import { readRow } from '../row/read.js'
import { ROW } from '../row/layout.js'
import { termOf } from '../slot.js'
import { seenSomehow, show } from '../testing/seen.js'
import { normalised, structured, type Structured, structures } from '../testing/structured.js'
import { openTestSlot, type TestSlot } from '../testing/test-slot.js'

const ALL: Learning = { A: { rate: 2 }, B: {}, D: {}, E: { rate: 3 } }

function withHabits(made: Structured, options: ModelOptions): Structured {
  const policies = made.numControls.reduce((all, own) => all * own, 1)
  const pE = new Array<number>(policies).fill(1)
  return { ...made, model: { ...made.model, pE, options } }
}

/** The model as it would be given, had it the counts that are in the row. */
function asLearned({ model }: Structured, slot: TestSlot, options: ModelOptions): Model {
  const { pA = [], pB = [], pE = [] } = readRow(slot.info, slot.row(0)).learned ?? {}
  const matrices = (counts: readonly (Tensor | null)[]) => counts.map((one) => normalised(one ?? []))
  return {
    ...model,
    pA: [...pA],
    pB: [...pB],
    pE: [...pE],
    A: matrices(pA),
    B: matrices(pB),
    E: normalised(pE) as number[],
    options,
  }
}

/** A slot of `model` whose agent stands where the one of `slot` stands, but for what that one learned. */
function standIn(model: Model, slot: TestSlot): TestSlot {
  const other = openTestSlot(model, 1)
  const beliefs = 8 * slot.compiled.states
  other.row(0).set(slot.row(0).subarray(0, ROW.state + beliefs))
  return other
}

const resultsOf = ({ scratch, qPi, G, vfe, errors, actions }: TestSlot) => {
  const terms = [...scratch.terms]
  return { qs: [...scratch.agent.beliefs], qPi: [...qPi], G: [...G], vfe: vfe[0], terms, errors, actions }
}

/** What is not sought is told all the same, by learned counts: the stand-in without learning has none. */
const comparable = (slot: TestSlot, gain: ModelOptions) =>
  gain.useParamInfoGain === true ? resultsOf(slot) : { ...resultsOf(slot), terms: [] }

const gains: fc.Arbitrary<ModelOptions> = fc.constantFrom({}, { useParamInfoGain: true })

test('a step uses what was learned up to it, bit by bit', () => {
  fc.assert(
    fc.property(structures, gains, (structure, gain) => {
      const made = withHabits(structured(structure), { ...gain, learning: ALL })
      const slot = openTestSlot(made.model, 1)
      for (let tick = 0; tick < 4; tick++) {
        const other = standIn(asLearned(made, slot, gain), slot)
        const seen = seenSomehow(made.numObs, structure.seed + tick)
        for (const one of [slot, other]) show(one, 0, seen)
        for (const one of [slot, other]) one.step()
        assert.deepEqual(comparable(slot, gain), comparable(other, gain))
      }
    }),
    { numRuns: 60 },
  )
})

test('what each count tells is known where it is asked for, also by agents that do not seek it', () => {
  const made = withHabits(structured({ numStates: [3], numObs: [3], numControls: [2], seed: 5, zeros: 0 }), {
    learning: ALL,
  })
  const slot = openTestSlot(made.model, 1)
  slot.observe(0, [0])
  slot.step()
  for (const term of ['paramInfoGainA', 'paramInfoGainB'] as const)
    assert.ok(
      termOf(slot.scratch.terms, term).every((gain) => gain > 0),
      term,
    )
})

test('before planning: beliefs are by the old counts, and policies are weighed by the new', () => {
  const one = { numStates: [3], numObs: [3], numControls: [3], seed: 9, zeros: 0 }
  const made = withHabits(structured(one), {
    useParamInfoGain: true,
    learning: { A: { rate: 2 }, B: {}, when: 'beforePlanning' },
  })
  const slot = openTestSlot(made.model, 1)
  for (let tick = 0; tick < 4; tick++) {
    const options = { useParamInfoGain: true }
    const learned = readRow(slot.info, slot.row(0)).learned ?? {}
    const { pA = [], pB = [] } = learned
    const counts = { pA: [...pA], pB: [...pB] }
    const matrices = { A: pA.map((p) => normalised(p ?? [])), B: pB.map((p) => normalised(p ?? [])) }
    const old = standIn({ ...made.model, ...counts, ...matrices, options }, slot)
    for (const each of [slot, old]) each.observe(0, [tick % 3])
    for (const each of [slot, old]) each.step()
    assert.deepEqual([...slot.scratch.qs[0]], [...old.scratch.qs[0]])
    assert.notDeepEqual([...slot.G], [...old.G])
    assertPlannedAnew(made, slot)
  }
})

/** One that believes the same without seeing anything, and has the new counts, weighs its policies alike. */
function assertPlannedAnew(made: Structured, slot: TestSlot): void {
  const { pA = [], pB = [] } = readRow(slot.info, slot.row(0)).learned ?? {}
  const matrices = { A: pA.map((p) => normalised(p ?? [])), B: pB.map((p) => normalised(p ?? [])) }
  const options = { useParamInfoGain: true }
  const anew = openTestSlot(
    {
      ...made.model,
      ...matrices,
      pA: [...pA],
      pB: [...pB],
      pD: [null],
      D: [[...slot.scratch.qs[0]]],
      options,
    },
    1,
  )
  anew.observe(0, [-1])
  anew.step()
  anew.G.forEach((G, policy) => assert.ok(Math.abs(G - slot.G[policy]) < 1e-9, `${G}, ${slot.G[policy]}`))
}

test('habits are learned from plans that are made, not from those that are followed', () => {
  const structure = { numStates: [2], numObs: [2], numControls: [2], seed: 2, zeros: 0 }
  const pE = [1, 2, 3, 4]
  const options: ModelOptions = { policyLen: 2, planEvery: 2, learning: { E: { forgetting: 0.5 } } }
  const slot = openTestSlot({ ...structured(structure).model, pE, options }, 1)
  const habits = () => readRow(slot.info, slot.row(0)).learned?.pE ?? []
  let before = habits()
  for (let tick = 0; tick < 6; tick++) {
    slot.observe(0, [tick % 2])
    slot.step()
    if (tick % 2 === 0) assert.notDeepEqual(habits(), before)
    else assert.deepEqual(habits(), before)
    before = habits()
  }
})
