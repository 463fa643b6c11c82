// Counts after a step are what the formula says, computed plainly; what is not learned is not touched.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Learning, ModelOptions, Tensor } from '@cohort/contracts'
import fc from 'fast-check'
import { type AgentState, readRow } from '../row/read.js'
import { ROW } from '../row/layout.js'
import { type Seen, seenSomehow, show } from '../testing/seen.js'
import {
  axesOf,
  entryOf,
  flat,
  structured,
  type Structured,
  structures,
  tensor,
} from '../testing/structured.js'
import { openTestSlot, outcomeOf } from '../testing/test-slot.js'

const rate = fc.constantFrom(0.25, 1, 7)
const forgetting = fc.constantFrom(0, 0.1, 1)
const learnings: fc.Arbitrary<Learning> = fc.record({
  A: fc.record({ rate, forgetting }),
  B: fc.record({ rate, forgetting }),
  D: fc.record({ rate }),
  E: fc.record({ rate, forgetting }),
})
const kinds: fc.Arbitrary<ModelOptions> = fc.constantFrom(
  {},
  { sweeps: 'sequential' },
  { policyLen: 2, planEvery: 2 },
  { inference: 'messagePassing', numIter: 4 },
  { planning: 'sophisticated', horizon: 2, policyPruneThreshold: 0.2, outcomePruneThreshold: 0.3 },
)

/** A model of several policies, each with counts of its own, some of them zero. */
function learningModel(made: Structured, options: ModelOptions, learning: Learning): Structured {
  const policies = made.numControls.reduce((all, own) => all * own, 1) ** (options.policyLen ?? 1)
  const pE = Array.from({ length: policies }, (_, policy) => (policy % 3 === 1 ? 0 : 0.5 + policy))
  const total = pE.reduce((sum, count) => sum + count, 0)
  const E = pE.map((count) => count / total)
  return { ...made, model: { ...made.model, pE, E, options: { ...options, learning } } }
}

/** What one step is computed from, beside the model. */
interface Step {
  readonly before: AgentState
  readonly after: AgentState
  readonly seen: readonly Seen[]
  readonly qPi: readonly number[]
  readonly planned: boolean
}

/** p₀ + (1 − forgetting)(p − p₀), and where that is more than 0, what was learned. */
const updated = (
  { p, first }: { p: number; first: number },
  { rate: added = 1, forgetting: lost = 0 }: { rate?: number; forgetting?: number },
  weight: number,
): number => {
  const kept = first + (1 - lost) * (p - first)
  return kept > 0 ? kept + added * weight : kept
}

const believed = (beliefs: readonly number[][], factors: readonly number[], states: readonly number[]) =>
  factors.reduce((product, f, k) => product * beliefs[f][states[k]], 1)

function expectedA({ model, A }: Structured, m: number, { before, after, seen }: Step): Tensor {
  const counts = before.learned?.pA?.[m] as Tensor
  const first = model.pA?.[m] as Tensor
  return tensor(axesOf(counts), ([o, ...states]) => {
    const saw = seen[m]
    const share = saw === null ? 0 : typeof saw === 'number' ? Number(saw === o) : saw[o]
    const weight = share * believed(after.beliefs, A[m], states)
    const at = { p: entryOf(counts, [o, ...states]), first: entryOf(first, [o, ...states]) }
    return updated(at, model.options?.learning?.A ?? {}, weight)
  })
}

function expectedB({ model, B, controls }: Structured, f: number, { before, after }: Step): Tensor {
  const counts = before.learned?.pB?.[f] as Tensor
  const first = model.pB?.[f] as Tensor
  const { lastAction } = before
  if (lastAction === null) return counts
  return tensor(axesOf(counts), (index) => {
    const [next, ...rest] = index
    const states = rest.slice(0, B[f].length)
    const done = controls[f].every((c, k) => lastAction[c] === rest[B[f].length + k])
    const weight = done ? after.beliefs[f][next] * believed(before.beliefs, B[f], states) : 0
    const at = { p: entryOf(counts, index), first: entryOf(first, index) }
    return updated(at, model.options?.learning?.B ?? {}, weight)
  })
}

function expectedE({ model }: Structured, { before, qPi, planned }: Step): readonly number[] {
  const { pE: counts = [] } = before.learned ?? {}
  if (!planned) return counts
  return counts.map((p, policy) =>
    updated({ p, first: model.pE?.[policy] ?? 0 }, model.options?.learning?.E ?? {}, qPi[policy]),
  )
}

function assertClose(got: Tensor, expected: Tensor): void {
  const [all, wanted] = [got, expected].map(flat)
  assert.equal(all.length, wanted.length)
  all.forEach((count, i) => {
    assert.equal(count === 0, wanted[i] === 0)
    assert.ok(Math.abs(count - wanted[i]) <= 1e-12 * Math.max(1, wanted[i]), `${count}, not ${wanted[i]}`)
  })
}

test('counts after each step are what the formula says, of every kind of agent', () => {
  fc.assert(
    fc.property(structures, kinds, learnings, (structure, options, learning) => {
      const made = learningModel(structured(structure), options, learning)
      const slot = openTestSlot(made.model, 1)
      const hard = options.inference === 'messagePassing'
      for (let tick = 0; tick < 4; tick++) {
        const before = readRow(slot.info, slot.row(0))
        const seen = seenSomehow(made.numObs, structure.seed + tick, hard)
        show(slot, 0, seen)
        slot.step()
        const { error, qPi } = outcomeOf(slot, 0)
        const after = readRow(slot.info, slot.row(0))
        const planned = options.planEvery === undefined || tick % options.planEvery === 0
        const step = { before, after, seen, qPi, planned }
        assert.equal(error, 0)
        after.learned?.pA?.forEach((counts, m) => assertClose(counts as Tensor, expectedA(made, m, step)))
        after.learned?.pB?.forEach((counts, f) => assertClose(counts as Tensor, expectedB(made, f, step)))
        after.learned?.pD?.forEach((counts, f) => {
          const first = made.model.pD?.[f] ?? []
          const { rate: added = 1 } = learning.D ?? {}
          const began = tick === 0 ? after.beliefs[f].map((q, s) => first[s] + (first[s] && added * q)) : null
          assertClose(counts as Tensor, began ?? before.learned?.pD?.[f] ?? [])
        })
        assertClose(after.learned?.pE ?? [], expectedE(made, step))
      }
    }),
    { numRuns: 150 },
  )
})

test('only what is named is learned, and only it is in the row', () => {
  const structure = { numStates: [3, 2], numObs: [2, 3], numControls: [2], seed: 4, zeros: 0 }
  const learning: Learning = { A: { only: [1] }, B: { only: [0] }, D: { only: [1] } }
  const { model } = structured(structure, { learning })
  const slot = openTestSlot(model, 1)
  for (let tick = 0; tick < 3; tick++) {
    slot.observe(0, [1, 2])
    slot.step()
  }
  const { learned } = readRow(slot.info, slot.row(0))
  const where = [learned?.pA, learned?.pB, learned?.pD].map((lists) => lists?.map((one) => one !== null))
  assert.deepEqual(where, [
    [false, true],
    [true, false],
    [false, true],
  ])
  const entries = [model.pA?.[1], model.pB?.[0], model.pD?.[1]].flatMap((one) => flat(one ?? []))
  const bytes = ROW.state + 8 * (3 + 2 + entries.length)
  assert.equal(slot.info.rowBytes, 32 * Math.ceil(bytes / 32))
  assert.equal(slot.row(0).length, slot.info.rowBytes)
})
