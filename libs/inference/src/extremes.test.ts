// Numbers that could hurt: nearly impossible, nearly certain, enormous, alone, very many.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Model, type ModelOptions, type Tensor } from '@cohort/contracts'
import fc from 'fast-check'
import { numbers } from './testing/models.js'
import { refusal } from './testing/refusal.js'
import { chanceOf, seenSomehow, show } from './testing/seen.js'
import { axesOf, entryOf, indices, structured, structures, tensor } from './testing/structured.js'
import { openTestSlot, outcomeOf, type TestSlot } from './testing/test-slot.js'

const LEARNING = { A: { rate: 1e6 }, B: {}, D: {} }
const KINDS: readonly ModelOptions[] = [
  {},
  { sweeps: 'sequential', useParamInfoGain: true, learning: { ...LEARNING, when: 'beforePlanning' } },
  { inference: 'exact', actionSelection: 'stochastic', alpha: 1e6 },
  { inference: 'messagePassing', policyLen: 2, updateGamma: true, learning: LEARNING },
  { planning: 'sophisticated', horizon: 2 },
]

/** Everything finite, every distribution a distribution. */
function assertSound(slot: TestSlot): void {
  const { qPi, G, error, vfe } = outcomeOf(slot, 0)
  const { scratch } = slot
  assert.equal(error, 0)
  assert.ok([...G, vfe, ...scratch.terms, ...scratch.margin].every(Number.isFinite), G.join())
  for (const p of [...scratch.qs, ...scratch.marginals, qPi].map((one) => [...one])) {
    assert.ok(Math.abs(p.reduce((sum, one) => sum + one, 0) - 1) < 1e-9)
    assert.ok(p.every((one) => one >= 0))
  }
}

/** Of each column one entry of 1, the others 0 or 1e-300. */
function harsh(of: Tensor, seed: number): Tensor {
  const random = numbers(seed)
  const sure = new Map<string, number>()
  return tensor(axesOf(of), ([row, ...column]) => {
    const name = column.join()
    const one = sure.get(name) ?? Math.floor(random() * of.length)
    sure.set(name, one)
    return row === one ? 1 : random() < 0.5 ? 0 : 1e-300
  })
}

test('probabilities of 0, 1 and 1e-300, preferences of ±1e3, a precision of 1e6: all stays finite', () => {
  fc.assert(
    fc.property(structures, fc.constantFrom(...KINDS), (any, kind) => {
      const numStates = kind.inference === 'exact' ? any.numStates.slice(0, 1) : any.numStates
      const made = structured({ ...any, numStates, zeros: 0 })
      const [A, B, D] = [made.model.A, made.model.B, made.model.D ?? []].map((list) =>
        list.map((of, i) => harsh(of, any.seed + i)),
      )
      const C = made.numObs.map((outcomes, m) =>
        Array.from({ length: outcomes }, (_, o) => ((o + m) % 2 === 0 ? 1e3 : -1e3)),
      )
      const beliefs = D as number[][]
      const counts = { pA: A, pB: B, pD: beliefs }
      const options = { gamma: 1e6, ...kind }
      const slot = openTestSlot({ ...made.model, A, B, C, D: beliefs, ...counts, options }, 1)
      for (let tick = 0; tick < 4; tick++) {
        show(slot, 0, seenSomehow(made.numObs, any.seed + tick, kind.inference === 'messagePassing'))
        slot.step()
        assertSound(slot)
      }
    }),
    { numRuns: 200 },
  )
})

test('one state, one outcome and one action of everything: a step says what is certain', () => {
  const alone: Model = {
    A: [[[[1]]], [[[1]]]],
    B: [[[[1]]], [[[1]]]],
    pA: [[[[3]]], null],
    pB: [[[[2]]], null],
  }
  for (const options of KINDS) {
    if (options.inference === 'exact' || options.learning) continue
    const slot = openTestSlot({ ...alone, options }, 1)
    slot.observe(0, [0, -1])
    for (let tick = 0; tick < 3; tick++) {
      slot.step()
      assertSound(slot)
      assert.deepEqual([...slot.qPi, ...slot.scratch.agent.beliefs], [1, 1, 1])
      assert.ok(Math.abs(slot.vfe[0]) < 1e-12 && Math.abs(slot.G[0]) < 1e-6)
    }
  }
})

/** A walk round a ring of so many states; the agent sees whether it is in the first. */
function ring(states: number): Model {
  // Rows of zeros are one and the same array: the model is small until it is checked.
  const nowhere = [0, 0]
  const row = (next: number) =>
    Array.from({ length: states }, (_, from) => {
      const [stays, moves] = [from === next, (from + 1) % states === next]
      return stays || moves ? [Number(stays), Number(moves)] : nowhere
    })
  const A = [0, 1].map((o) => Array.from({ length: states }, (_, s) => Number((s === 0) === (o === 1))))
  return { A: [A], B: [Array.from({ length: states }, (_, next) => row(next))] }
}

test('10,000 states of one factor are refused by their bytes, before anything is made of them', () => {
  const states = 10_000
  const row = new Array<number[]>(states).fill([1, 0])
  const A = [new Array<number>(states).fill(1), new Array<number>(states).fill(0)]
  const before = process.memoryUsage().arrayBuffers
  const { code, errors } = refusal({ A: [A], B: [new Array(states).fill(row)] })
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 20)
  assert.equal(code, 'model_too_large')
  const named = new Map(errors.map(({ path, got, expected }) => [path, { got: Number(got), expected }]))
  // B alone: 8 bytes × states² × 2 actions.
  assert.ok((named.get('modelBytes')?.got ?? 0) > 8 * states ** 2 * 2)
  assert.equal(named.get('modelBytes')?.expected, `at most ${DEFAULT_LIMITS.modelBytes}`)
  assert.ok((named.get('agentBytes')?.got ?? 0) > 8 * states)
})

test('2,000 states of one factor are within the limits, and step', () => {
  const states = 2000
  const slot = openTestSlot(ring(states), 1)
  assert.ok(slot.info.compiledBytes > 0.95 * DEFAULT_LIMITS.modelBytes)
  for (const seen of [0, 1]) {
    slot.observe(0, [seen])
    slot.step()
    assertSound(slot)
  }
  assert.ok(slot.scratch.qs[0][0] > 1 - 1e-9)
})

test('10,000 joint states are within them as two factors of 100', () => {
  const { B } = ring(100)
  const diagonal = [0, 1].map((o) => tensor([100, 100], ([s, r]) => Number((s === r) === (o === 1))))
  const slot = openTestSlot({ A: [diagonal], B: [...B, ...B] }, 1)
  slot.observe(0, [1])
  slot.step()
  assertSound(slot)
})

test('twenty modalities that are each nearly impossible do not underflow: what they say together is told', () => {
  const unlikely = tensor([2, 2], ([o, s]) => (o === 1 ? 1 - 1e-15 * (s + 1) : 1e-15 * (s + 1))) as number[][]
  const B = [tensor([2, 2, 1], ([next, s]) => Number(next === s))]
  for (const inference of ['exact', 'fixedPoint'] as const) {
    const slot = openTestSlot({ A: new Array<Tensor>(20).fill(unlikely), B, options: { inference } }, 1)
    slot.obs.fill(0)
    slot.step()
    assertSound(slot)
    // Twice as likely, twenty times; the stabiliser of 1e-16 takes some of it.
    const ratio = inference === 'exact' ? 2 ** 20 : (2.1 / 1.1) ** 20
    assert.ok(Math.abs(slot.scratch.qs[0][0] * (1 + ratio) - 1) < 1e-6)
  }
})

test('free energy is never below the surprise, with several factors, zeros, soft and missing observations', () => {
  const order = fc.constantFrom('simultaneous' as const, 'sequential' as const)
  fc.assert(
    fc.property(structures, order, (structure, sweeps) => {
      const { model, A, numObs, numStates } = structured(structure, { sweeps })
      const slot = openTestSlot(model, 1)
      for (let tick = 0; tick < 3; tick++) {
        const seen = seenSomehow(numObs, structure.seed + tick)
        show(slot, 0, seen)
        slot.step()
        // The marginal as the fixed point has it: 1e-16 more of every probability.
        const evidence = indices(numStates).reduce((sum, joint) => {
          const prior = joint.reduce((p, s, f) => p * (slot.scratch.prior[f][s] + 1e-16), 1)
          const likelihood = seen.reduce<number>((p, one, m) => {
            const chance = chanceOf(one, (o) => entryOf(model.A[m], [o, ...A[m].map((f) => joint[f])]))
            return one === null ? p : p * (chance + 1e-16)
          }, prior)
          return sum + likelihood
        }, 0)
        assert.ok(slot.vfe[0] >= -Math.log(evidence) - 1e-9, `${slot.vfe[0]}, ${-Math.log(evidence)}`)
      }
    }),
    { numRuns: 200 },
  )
})
