// Precision: it rises where the past speaks for what is promising, falls where it speaks against it, and stays one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, DEFAULT_LIMITS, type ModelOptions } from '@cohort/contracts'
import fc from 'fast-check'
import { validateModel } from '../model/check/validate.js'
import { sectionOf } from '../row/layout.js'
import { madeModel } from '../testing/models.js'
import { openTestSlot } from '../testing/test-slot.js'
import { updateGamma } from './precision.js'

const recipe = { numStates: [2], numObs: [2], numControls: [2], seed: 1 }
const options: ModelOptions = { inference: 'messagePassing', policyLen: 2, updateGamma: true, gamma: 2 }

const EQUALLY = [0.25, 0.25, 0.25, 0.25]

/** An agent of four policies, each as good and as well supported as said. */
function agentOf(G: readonly number[], evidence: readonly number[], { gamma = 2, E = EQUALLY } = {}) {
  const { scratch, compiled } = openTestSlot(
    { ...madeModel({ ...recipe, options: { ...options, gamma } }), E },
    1,
  )
  const beta = sectionOf(compiled, scratch.agent.state, 'beta')
  beta[0] = 1 / gamma
  scratch.G.set(G)
  scratch.evidence.set(evidence)
  return { scratch, beta }
}

const softmax = (weights: readonly number[]): number[] => {
  const exps = weights.map((weight) => Math.exp(weight - Math.max(...weights)))
  const total = exps.reduce((sum, value) => sum + value, 0)
  return exps.map((value) => value / total)
}

/** (qu − pu) · G of four policies that are equally usual. */
function surprise(G: readonly number[], evidence: readonly number[], gamma: number): number {
  const posterior = softmax(G.map((value, i) => gamma * value + evidence[i]))
  const prior = softmax(G.map((value) => gamma * value))
  return G.reduce((sum, value, i) => sum + (posterior[i] - prior[i]) * value, 0)
}

test('sixteen updates are those of SPM where its β stays in bounds', () => {
  const [G, evidence] = [
    [-0.4, -0.1, -0.3, 0],
    [-0.2, 0.3, 0, 0.1],
  ]
  const { scratch, beta } = agentOf(G, evidence)
  updateGamma(scratch)
  let expected = 0.5
  for (let i = 0; i < 16; i++) expected -= (expected - 0.5 + surprise(G, evidence, 1 / expected)) / 2
  assert.ok(Math.abs(beta[0] - expected) < 1e-12)
  assert.equal(scratch.gamma, 1 / beta[0])
})

test('step after step it comes to where β = β₀ − (qu − pu)·G', () => {
  const [G, evidence] = [
    [-2, -1, -3, 0],
    [-0.2, 0.3, 0, 0.1],
  ]
  const { scratch, beta } = agentOf(G, evidence)
  for (let tick = 0; tick < 10; tick++) updateGamma(scratch)
  assert.ok(Math.abs(beta[0] - 0.5 + surprise(G, evidence, 1 / beta[0])) < 1e-9)
})

test('it rises where evidence and G agree, falls where they do not, and stays where the past says nothing', () => {
  const G = [-3, -2, -1, 0]
  const gammaAfter = (evidence: readonly number[]) => {
    const { scratch } = agentOf(G, evidence)
    updateGamma(scratch)
    return scratch.gamma
  }
  assert.ok(gammaAfter([-0.3, -0.2, -0.1, 0]) > 2)
  assert.ok(gammaAfter([0, -0.1, -0.2, -0.3]) < 2)
  assert.ok(Math.abs(gammaAfter([-7, -7, -7, -7]) - 2) < 1e-12)
})

test('whatever G and evidence, β stays positive and finite', () => {
  const upTo = (size: number) =>
    fc.array(fc.double({ min: -size, max: size, noNaN: true }), { minLength: 4, maxLength: 4 })
  const values = fc.oneof(upTo(20), upTo(1e4))
  const habits = fc.constantFrom(EQUALLY, [0.997, 0.001, 0.001, 0.001])
  fc.assert(
    fc.property(values, values, habits, fc.constantFrom(0.01, 1, 16, 1e6), (G, evidence, E, gamma) => {
      const { scratch, beta } = agentOf(G, evidence, { E, gamma })
      for (let tick = 0; tick < 100; tick++) {
        updateGamma(scratch)
        assert.ok(beta[0] > 1e-30 && Number.isFinite(beta[0]), String(beta[0]))
        assert.ok(scratch.gamma > 0 && Number.isFinite(scratch.gamma))
      }
    }),
    // The past speaks against a habit that the precision alone cannot break: SPM's step leads below 0.
    { examples: [[[-0.3, 0, 0, 0], [-20, 0, 0, 0], [0.997, 0.001, 0.001, 0.001], 16]] },
  )
})

test('each agent keeps its own in its row', () => {
  const slot = openTestSlot(madeModel({ ...recipe, options }), 2)
  const betas = [0, 1].map((row) => {
    for (const seen of [0, row, 1, row]) {
      slot.observe(row, [seen])
      slot.step(row, row + 1)
      assert.equal(slot.errors[row], 0)
    }
    const [beta] = sectionOf(slot.compiled, slot.scratch.agent.state, 'beta')
    assert.equal(slot.scratch.gamma, 1 / beta)
    return beta
  })
  assert.notEqual(betas[0], 0.5)
  assert.notEqual(betas[0], betas[1])
})

test('where it could not work it is refused: a precision of 0, policies of one step', () => {
  for (const [given, path] of [
    [{ gamma: 0 }, 'options.gamma'],
    [{ policyLen: 1 }, 'options.updateGamma'],
  ] as const) {
    assert.throws(
      () => validateModel(madeModel({ ...recipe, options: { ...options, ...given } }), DEFAULT_LIMITS),
      (error) => error instanceof CohortError && error.errors.some((fault) => fault.path === path),
    )
  }
})
