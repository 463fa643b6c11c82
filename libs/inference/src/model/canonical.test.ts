// The canonical text is one text per model, and a model itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import fc from 'fast-check'
import { allKinds, madeModel } from '../testing/models.js'
import { canonicalModel } from './canonical.js'
import { compileModel } from './compile.js'
import { validateModel } from './check/validate.js'

const canonical = (model: Model): string => canonicalModel(validateModel(model, DEFAULT_LIMITS))
const compiled = (model: Model): Uint8Array => compileModel(validateModel(model, DEFAULT_LIMITS))

test('the canonical text is a model with the same text and the same compiled bytes', () => {
  fc.assert(
    fc.property(allKinds, (recipe) => {
      const model = madeModel(recipe)
      const again = JSON.parse(canonical(model)) as Model
      assert.equal(canonical(again), canonical(model))
      const [bytes, bytesAgain] = [model, again].map((one) =>
        compileModel(validateModel(one, DEFAULT_LIMITS)),
      )
      assert.deepEqual(bytesAgain, bytes)
    }),
    { numRuns: 100 },
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
    '{"A":[[[1]]],"A_dependencies":[[0]],"B":[[[[1]]]],"B_action_dependencies":[[0]],"B_dependencies":[[0]],' +
      '"C":[[1e-7]],"D":[[1]],"E":[1],"options":{"actionSelection":"deterministic","alpha":16,"computeVfe":true,' +
      '"controllable":[0],"dF":1,"dFTol":0.5,"gamma":1000000,"gradientDescent":true,"horizon":3,' +
      '"inductiveDepth":10,"inductiveThreshold":0.0625,"inference":"fixedPoint","learning":{"when":"afterAction"},' +
      '"matchPymdp":false,"nodeBudget":65536,"numIter":10,"outcomePruneThreshold":0.0625,"planEvery":1,' +
      '"planning":"policies","policyLen":1,"policyPruneThreshold":0.0625,"precision":"double","prunePenalty":512,' +
      '"samplingMode":"marginal","sweeps":"simultaneous","tau":0.25,"updateGamma":false,"useParamInfoGain":false,' +
      '"useStatesInfoGain":true,"useUtility":true,"window":3}}',
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

test('all that a model can have beside A to E is in its text, and a model without it has another', () => {
  const recipe = { numStates: [2, 2], numObs: [2], numControls: [2, 2], seed: 4, options: { policyLen: 2 } }
  const plain = canonical(madeModel(recipe))
  for (const also of ['counts', 'coupled', 'listed', 'goal'] as const)
    assert.notEqual(canonical(madeModel({ ...recipe, [also]: true })), plain, also)
  const { pA, pB, pD, pE, H, policies, B_action_dependencies } = JSON.parse(
    canonical(madeModel({ ...recipe, counts: true, coupled: true, listed: true, goal: true })),
  ) as Required<Model>
  assert.deepEqual([pA.length, pB.length, pD.length, pE.length], [1, 2, 2, policies.length])
  assert.deepEqual(
    [H, B_action_dependencies],
    [
      [[0, 1], null],
      [[], [1, 0]],
    ],
  )
})

test('counts may be left out one by one, and D beside its counts', () => {
  const model = madeModel({ numStates: [2, 3], numObs: [2, 2], numControls: [1, 2], seed: 4, counts: true })
  const learning = { ...model.options?.learning, A: { only: [1] }, D: { only: [0] } }
  const some = {
    ...model,
    options: { learning },
    pA: [null, model.pA?.[1] ?? null],
    pD: [model.pD?.[0] ?? null, null],
  }
  assert.equal(canonical(JSON.parse(canonical(some)) as Model), canonical(some))
  const { D, ...withoutD } = model
  assert.equal(canonical(withoutD), canonical(model))
  assert.equal(D?.length, 2)
  const { pB, ...withoutPB } = { ...model, options: { learning: { A: {}, D: {}, E: {} } } }
  assert.equal(canonical({ ...withoutPB, pB: [null, null] }), canonical(withoutPB))
  assert.equal(pB?.length, 2)
})
