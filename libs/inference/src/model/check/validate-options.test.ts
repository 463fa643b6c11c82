// Options: each works or is refused by name; none is ignored.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Model, ModelOptions } from '@cohort/contracts'
import { madeModel } from '../../testing/models.js'
import { assertRefused, refusal } from '../../testing/refusal.js'
import { validateModel } from './validate.js'

const RECIPE = { numStates: [2], numObs: [2], numControls: [2], seed: 1 }
const sound = (options: ModelOptions, also: Partial<Model> = {}): Model => ({
  ...madeModel({ ...RECIPE, options }),
  ...also,
})
const accepted = (model: Model) => assert.doesNotThrow(() => validateModel(model, DEFAULT_LIMITS))

const MESSAGES: ModelOptions = { inference: 'messagePassing' }
const SEARCH: ModelOptions = { planning: 'sophisticated' }
const GOAL: Partial<Model> = { H: [[0, 1]] }
const COUNTED: Partial<Model> = { pA: madeModel({ ...RECIPE, counts: true }).pA ?? [] }

// An option, what it needs beside it, and where it is of no use.
const NEEDS: readonly (readonly [ModelOptions, ModelOptions, ModelOptions, Partial<Model>?])[] = [
  [{ sweeps: 'sequential' }, {}, { inference: 'exact' }],
  [{ sweeps: 'sequential' }, {}, MESSAGES],
  [{ dF: 2 }, {}, { inference: 'exact' }],
  [{ dF: 2 }, {}, { computeVfe: false }],
  [{ dFTol: 0 }, {}, MESSAGES],
  [{ dFTol: 0 }, {}, { computeVfe: false }],
  [{ computeVfe: false }, {}, MESSAGES],
  [{ numIter: 3 }, {}, { inference: 'exact' }],
  [{ numIter: 3 }, MESSAGES, { inference: 'exact' }],
  [{ window: 2 }, MESSAGES, {}],
  [{ gradientDescent: false }, MESSAGES, {}],
  [{ tau: 0.5 }, MESSAGES, {}],
  [{ tau: 0.5 }, MESSAGES, { ...MESSAGES, gradientDescent: false }],
  [{ updateGamma: true }, { ...MESSAGES, policyLen: 2 }, {}],
  [{ horizon: 2 }, SEARCH, {}],
  [{ policyPruneThreshold: 0 }, SEARCH, {}],
  [{ outcomePruneThreshold: 0 }, SEARCH, {}],
  [{ prunePenalty: 1 }, SEARCH, {}],
  [{ nodeBudget: 10 }, SEARCH, {}],
  [{ policyLen: 2 }, {}, SEARCH],
  [{ planEvery: 2 }, { policyLen: 2 }, SEARCH],
  [{ useParamInfoGain: true }, {}, SEARCH, COUNTED],
  [{ inductiveDepth: 3 }, {}, SEARCH, GOAL],
  [{ inductiveThreshold: 0.5 }, {}, SEARCH, GOAL],
  [{ alpha: 1 }, { actionSelection: 'stochastic' }, { actionSelection: 'deterministic' }],
]

test('an option is refused where it would be ignored, and works where it would not', () => {
  for (const [option, beside, without, also] of NEEDS) {
    const [name] = Object.keys(option) as (keyof ModelOptions)[]
    accepted(sound({ ...beside, ...option }, also))
    // Goals themselves are refused with a search; without them their options are of no use.
    const model = sound({ ...without, ...option }, also === GOAL ? {} : also)
    assertRefused(model, `options.${name}`, /is of no use without/)
  }
})

test('an option may be spelled out with its default where it would be ignored', () => {
  const defaults = Object.fromEntries(
    Object.entries(ModelOptions.properties).flatMap(([name, schema]) =>
      'default' in schema ? [[name, schema.default]] : [],
    ),
  ) as ModelOptions
  accepted(sound(defaults))
  for (const options of [{ inference: 'exact' }, MESSAGES, SEARCH] as const)
    accepted(sound({ ...defaults, ...options }))
})

test('what does not go together is refused', () => {
  const several = madeModel({ ...RECIPE, numStates: [2, 2], numControls: [2, 2] })
  assertRefused(
    { ...several, options: { inference: 'exact' } },
    'options.inference',
    /exact for a model of 2 factors/,
  )
  assertRefused(sound({ ...SEARCH, ...MESSAGES }), 'options.planning', /with inference messagePassing/)
  assertRefused(sound(SEARCH, GOAL), 'H', /whose search does not use it/)
  assertRefused(sound(SEARCH, { C: [[[0], [1]]] }), 'C', /changes over time/)
  assertRefused(
    sound(SEARCH, {
      policies: [
        [[0], [1]],
        [[1], [1]],
      ],
    }),
    'policies',
    /has policies of 2 steps/,
  )
  assertRefused(
    sound({ controllable: [0] }, { policies: [[[0]]] }),
    'options.controllable',
    /list of policies/,
  )
  assertRefused(sound({ planEvery: 3, policyLen: 2 }), 'options.planEvery', /only 2 steps to follow/)
  assertRefused(sound({ ...MESSAGES, planEvery: 2, policyLen: 2 }), 'options.planEvery', /messagePassing/)
  assertRefused(sound({ ...MESSAGES, updateGamma: true }), 'options.updateGamma', /policies of one step/)
  const updating = { ...MESSAGES, policyLen: 2, updateGamma: true, gamma: 0 }
  assertRefused(sound(updating), 'options.gamma', /is 0 with updateGamma/)
  const early = { ...MESSAGES, learning: { A: {}, when: 'beforePlanning' } } as const
  assertRefused(sound(early, COUNTED), 'options.learning.when', /once it has planned/)
  assertRefused(sound({ useParamInfoGain: true }), 'options.useParamInfoGain', /no counts/)
  assertRefused(sound({ useParamInfoGain: true }, { pA: [null] }), 'options.useParamInfoGain', /no counts/)
  assertRefused(sound({ learning: { when: 'beforePlanning' } }), 'options.learning.when', /of no use/)
})

test('a list names what there is, each once', () => {
  assertRefused(sound({ controllable: [1] }), 'options.controllable', /names 1/)
  for (const matrix of ['A', 'B', 'D'] as const) {
    const model = (only: number[]): Model =>
      madeModel({ ...RECIPE, counts: true, options: { learning: { [matrix]: { only } } } })
    accepted(model([0]))
    assertRefused(model([1]), `options.learning.${matrix}.only`, /names 1/)
    assert.equal(refusal(model([1])).errors.length, 1)
    assert.equal(refusal(model([0, 0])).code, 'invalid_model')
    assert.equal(refusal(model([])).code, 'invalid_model')
  }
  assert.equal(refusal(sound({ controllable: [0, 0] })).code, 'invalid_model')
})

test('a search knows one C, of one column or of none', () => {
  accepted(sound(SEARCH, { C: [[0, 1]] }))
  accepted(sound({ ...SEARCH, horizon: 4 }, { policies: [[[1]], [[0]]] }))
  accepted(
    sound(
      { policyLen: 2 },
      {
        C: [
          [
            [0, 1],
            [1, 0],
          ],
        ],
      },
    ),
  )
})
