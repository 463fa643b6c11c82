// Promises of the work of a step: it grows with all that makes a step longer, and what would last minutes is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Limits, type Model, type ModelOptions } from '@cohort/contracts'
import fc from 'fast-check'
import { allKinds, madeModel, onlyRead, type Recipe } from '../testing/models.js'
import { refusal } from '../testing/refusal.js'
import { validateModel } from './check/validate.js'
import { stepWork } from './work.js'

const BOUNDLESS: Limits = { ...DEFAULT_LIMITS, stepWork: Infinity }
const RECIPE: Recipe = { numStates: [4], numObs: [4], numControls: [3], seed: 1 }

const workOf = (model: Model): number => stepWork(validateModel(model, BOUNDLESS))
const of = (options: ModelOptions, recipe: Partial<Recipe> = {}): Model =>
  madeModel({ ...RECIPE, ...recipe, options })

/** One fault, at `path`; what it allows instead. */
function allowed(model: Model, path: string, limits: Limits = DEFAULT_LIMITS): number {
  const { code, message, errors } = refusal(model, limits)
  assert.deepEqual([code, errors.map((fault) => fault.path)], ['model_too_large', [path]])
  assert.match(message, /\d make a step of \d.* multiplications, the limit stepWork is \d+/)
  return Number(/^at most (\d+)$/.exec(String(errors[0].expected))?.[1])
}

test('a search that would take half an hour is refused, and what is named instead is taken', () => {
  const search = (nodeBudget: number): Model =>
    of(
      {
        planning: 'sophisticated',
        horizon: 16,
        policyPruneThreshold: 0,
        outcomePruneThreshold: 0,
        nodeBudget,
      },
      { numStates: [2], numObs: [2], numControls: [1024] },
    )
  const most = allowed(search(16_777_216), 'options.nodeBudget')
  assert.ok(most > 1000)
  assert.doesNotThrow(() => validateModel(search(most), DEFAULT_LIMITS))
  assert.ok(allowed(search(most + 1), 'options.nodeBudget') <= most)
})

test('sweeps over windows that would take half a minute are refused, and what is named instead is taken', () => {
  const passing = (numIter: number): Model =>
    of(
      { inference: 'messagePassing', window: 64, policyLen: 4, numIter },
      { numStates: [8], numObs: [4], numControls: [4] },
    )
  const most = allowed(passing(1024), 'options.numIter')
  assert.ok(most > 10)
  assert.doesNotThrow(() => validateModel(passing(most), DEFAULT_LIMITS))
  assert.ok(allowed(passing(most + 1), 'options.numIter') <= most)
})

test('where no option helps, the policies are named', () => {
  const most = allowed(of({ policyLen: 4 }), 'policies', { ...DEFAULT_LIMITS, stepWork: 20_000 })
  assert.ok(most > 1 && most < 3 ** 4)
})

test('models of every kind have work to do, and are not refused', () => {
  fc.assert(
    fc.property(allKinds, (recipe) => {
      const work = stepWork(validateModel(onlyRead(madeModel(recipe)), DEFAULT_LIMITS))
      assert.ok(work > 0 && work < DEFAULT_LIMITS.stepWork)
    }),
  )
})

test('more states, policies, sweeps, nodes, times and counts are more work', () => {
  const plain = workOf(of({}))
  const passing = { inference: 'messagePassing' } as const
  const search = { planning: 'sophisticated', policyPruneThreshold: 0, outcomePruneThreshold: 0 } as const
  const longer: [Model, Model][] = [
    [of({}), of({}, { numStates: [8] })],
    [of({}), of({ policyLen: 2 })],
    [of({}), of({ useParamInfoGain: true }, { counts: true })],
    [of({ useParamInfoGain: true }, { counts: true }), of({}, { counts: true })],
    [
      of({}, { numStates: [4, 4], numControls: [1, 1] }),
      of({ numIter: 99 }, { numStates: [4, 4], numControls: [1, 1] }),
    ],
    [of(search), of({ ...search, horizon: 4 })],
    [of({ ...search, nodeBudget: 9 }), of({ ...search, nodeBudget: 99 })],
    [of({ ...search, outcomePruneThreshold: 0.5 }), of(search)],
    [of(passing), of({ ...passing, numIter: 20 })],
    [of(passing), of({ ...passing, window: 9 })],
  ]
  for (const [less, more] of longer) assert.ok(workOf(less) < workOf(more), JSON.stringify(more.options))
  assert.ok(plain < workOf(of(passing)) && plain < workOf(of(search)))
})

test('message passing is as much more work than a fixed point as it takes longer: dozens of times', () => {
  const grid = { numStates: [25], numObs: [25], numControls: [5] }
  const ratio = workOf(of({ inference: 'messagePassing' }, grid)) / workOf(of({}, grid))
  assert.ok(ratio > 20 && ratio < 500, String(ratio))
})
