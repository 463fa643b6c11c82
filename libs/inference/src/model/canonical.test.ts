// The canonical text is one text per model, and a model itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import fc from 'fast-check'
import { madeModel, recipes } from '../testing/models.js'
import { canonicalModel } from './canonical.js'
import { compileModel } from './compile.js'
import { validateModel } from './validate.js'

const canonical = (model: Model): string => canonicalModel(validateModel(model, DEFAULT_LIMITS))
const compiled = (model: Model): Uint8Array => compileModel(validateModel(model, DEFAULT_LIMITS))

test('the canonical text is a model with the same text and the same compiled bytes', () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      const model = madeModel(recipe)
      const again = JSON.parse(canonical(model)) as Model
      assert.equal(canonical(again), canonical(model))
      const [bytes, bytesAgain] = [model, again].map((one) =>
        compileModel(validateModel(one, DEFAULT_LIMITS)),
      )
      assert.deepEqual(bytesAgain, bytes)
    }),
    { numRuns: 50 },
  )
})

test('a model with its defaults spelled out, its keys in another order and −0 for 0 has the same text', () => {
  const A = [
    [
      [1, 0],
      [0, 1],
    ],
  ]
  const B = [
    [
      [
        [1, 0],
        [1, 0],
      ],
      [
        [0, 1],
        [0, 1],
      ],
    ],
  ]
  const spelled: Model = {
    options: { numIter: 10, policyLen: 1, useUtility: true, gamma: 16, alpha: 16, dF: 1, dFTol: 0.001 },
    E: [0.5, 0.5],
    D: [[0.5, 0.5]],
    C: [[-0, 0]],
    B_dependencies: [[0]],
    A_dependencies: [[0]],
    B,
    A: [
      [
        [1, -0],
        [0, 1],
      ],
    ],
  }
  assert.equal(canonical(spelled), canonical({ A, B }))
  assert.deepEqual(compiled(spelled), compiled({ A, B }))
})

test('the text is RFC 8785: sorted keys, no white space, numbers as ECMAScript writes them', () => {
  const text = canonical({ A: [[[1]]], B: [[[[1]]]], C: [[1e-7]], options: { gamma: 1e6, dFTol: 0.5 } })
  assert.equal(
    text,
    '{"A":[[[1]]],"A_dependencies":[[0]],"B":[[[[1]]]],"B_dependencies":[[0]],"C":[[1e-7]],"D":[[1]],"E":[1],' +
      '"options":{"actionSelection":"deterministic","alpha":16,"computeVfe":true,"dF":1,"dFTol":0.5,"gamma":1000000,' +
      '"numIter":10,"policyLen":1,"samplingMode":"marginal","useStatesInfoGain":true,"useUtility":true}}',
  )
})

test('preferences that change over time keep their columns', () => {
  const timed = {
    A: [[[1], [0]]],
    B: [[[[1]]]],
    C: [
      [
        [0, 1],
        [2, 3],
      ],
    ],
    options: { policyLen: 2 },
  }
  assert.ok(canonical(timed).includes('"C":[[[0,1],[2,3]]]'))
})
