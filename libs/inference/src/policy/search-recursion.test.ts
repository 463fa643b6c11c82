// Sophisticated inference against its recursion, written word by word on nested arrays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { madeModel } from '../testing/models.js'
import { openTestSlot } from '../testing/test-slot.js'

/** A model of one factor as nested arrays, and how its agent searches. */
interface Plain {
  readonly A: readonly number[][][]
  readonly B: readonly number[][][]
  readonly C: readonly number[][]
  readonly gamma: number
  readonly horizon: number
  readonly policyPrune: number
  readonly outcomePrune: number
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const soft = (weights: readonly number[]): number[] => {
  const most = Math.max(...weights)
  const exps = weights.map((weight) => Math.exp(weight - most))
  return exps.map((one) => one / sum(exps))
}

/** The recursion word by word: worth of each action under belief q, `depth` steps after the present. */
function worth(plain: Plain, q: readonly number[], depth: number): number[] {
  const { A, B, C, gamma, horizon } = plain
  const predicted = (a: number) => q.map((_, to) => sum(q.map((p, from) => p * (B[to]?.[from]?.[a] ?? 0))))
  const actions = Array.from({ length: B[0]?.[0]?.length ?? 0 }, (_, a) => predicted(a))
  const G = actions.map((next) => sum(A.map((likelihood, m) => single(likelihood, C[m] ?? [], next))))
  if (depth + 1 === horizon) return G
  const p = soft(G.map((value) => gamma * value))
  return G.map((value, a) => {
    if ((p[a] ?? 0) < plain.policyPrune) return value - 512
    return (
      value +
      sum(
        outcomesOf(plain, actions[a] ?? []).map(({ weight, belief }) => {
          const after = worth(plain, belief, depth + 1)
          const then = soft(after.map((one) => gamma * one))
          return weight * sum(after.map((one, i) => one * (then[i] ?? 0)))
        }),
      )
    )
  })
}

/** Utility and information gain of one modality. */
function single(likelihood: readonly number[][], C: readonly number[], q: readonly number[]): number {
  const wanted = soft(C)
  const kept = q.map((p) => (p > Math.exp(-16) ? p : 0))
  const outcomes = (belief: readonly number[]) =>
    likelihood.map((row) => sum(row.map((l, s) => l * (belief[s] ?? 0))))
  const utility = sum(outcomes(q).map((p, o) => p * Math.log((wanted[o] ?? 0) + 1e-16)))
  const clear = sum(
    likelihood.map((row) => sum(row.map((l, s) => (kept[s] ?? 0) * l * Math.log(l + Math.exp(-16))))),
  )
  return utility + clear - sum(outcomes(kept).map((p) => p * Math.log(p + 1e-16)))
}

/** Every joint outcome of two modalities that is probable enough, and the belief after it. */
function outcomesOf({ A, outcomePrune }: Plain, q: readonly number[]) {
  const [first = [], second = []] = A
  return first.flatMap((one) =>
    second.flatMap((other) => {
      const evidence = [one, other].map((row) => sum(row.map((l, s) => l * (q[s] ?? 0))))
      const weight = (evidence[0] ?? 0) * (evidence[1] ?? 0)
      const joint = q.map((p, s) => p * (one[s] ?? 0) * (other[s] ?? 0))
      if (weight === 0 || weight < outcomePrune) return []
      // Outcomes that are possible one by one, but not together: the belief is left as it is.
      return [{ weight, belief: sum(joint) === 0 ? [...q] : joint.map((p) => p / sum(joint)) }]
    }),
  )
}

test('G is what the recursion says, with and without pruning', () => {
  const cases = fc.record({
    seed: fc.nat(),
    horizon: fc.integer({ min: 1, max: 3 }),
    gamma: fc.constantFrom(0.5, 1, 4),
    policyPrune: fc.constantFrom(0, 1 / 16, 0.3),
    outcomePrune: fc.constantFrom(0, 1 / 16, 0.3),
  })
  fc.assert(
    fc.property(cases, ({ seed, horizon, gamma, policyPrune, outcomePrune }) => {
      const options = {
        planning: 'sophisticated',
        inference: 'exact',
        horizon,
        gamma,
        policyPruneThreshold: policyPrune,
        outcomePruneThreshold: outcomePrune,
      } as const
      const model = madeModel({ numStates: [3], numObs: [3, 2], numControls: [3], seed, zeros: 0.5, options })
      const slot = openTestSlot(model, 1)
      slot.observe(0, [-1, -1])
      slot.step()
      const { A, B, C } = model as unknown as { A: number[][][]; B: number[][][][]; C: number[][] }
      const plain = { A, B: B[0] ?? [], C, gamma, horizon, policyPrune, outcomePrune }
      const expected = worth(plain, [...slot.scratch.qs[0]], 0)
      slot.G.forEach((value, policy) =>
        assert.ok(Math.abs(value - (expected[policy] ?? 0)) < 1e-9, `${value}, expected ${expected[policy]}`),
      )
    }),
    { numRuns: 60 },
  )
})
