// Every kind of fault is refused by matrix, index and value; nothing large is made before its size is known.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Limits, type Model, type Tensor } from '@cohort/contracts'
import { madeModel } from '../../testing/models.js'
import { assertRefused, changed, type Key, refusal } from '../../testing/refusal.js'
import { validateModel } from './validate.js'

/**
 * Two factors of 2 and 3 states, two modalities of 3 and 2 outcomes, 2 and 1 actions; B[1] depends on both
 * factors.
 */
const sound = (): Model => madeModel({ numStates: [2, 3], numObs: [3, 2], numControls: [2, 1], seed: 1 })
const broken = (keys: readonly Key[], value: unknown): Model => changed(sound(), keys, value)

const uniform = (length: number, inner: Tensor | number): Tensor => Array.from({ length }, () => inner)

// What is changed, to what, the path that must be named, and what must be said of it.
const FAULTS: readonly (readonly [readonly Key[], unknown, string, RegExp])[] = [
  [['A', 0, 1, 0, 2], Number.NaN, 'A[0][1,0,2]', /is NaN/],
  [['A', 0, 1, 0, 2], Infinity, 'A[0][1,0,2]', /is Infinity/],
  [['A', 0, 1, 0, 2], -0.1, 'A[0][1,0,2]', /is negative/],
  [['A', 0, 1, 0, 2], null, 'A[0][1,0,2]', /is not a number/],
  [['A', 0, 1, 0, 2], '0.5', 'A[0][1,0,2]', /is not a number/],
  [['A', 0, 1, 0], [1, 1], 'A[0][1,0]', /axis 2 \(states of factor 1\) has 2 entries/],
  [['A', 0, 1], 0.5, 'A[0][1]', /axis 1 \(states of factor 0\) is not an array/],
  [['A', 0], [0.2, 0.3, 0.5], 'A[0]', /has 1 of 3 axes/],
  [['A', 1], uniform(2, uniform(3, uniform(3, 0.5))), 'A[1]', /axis 1 \(states of factor 0\) has 3 entries/],
  [['A', 1, 0], [], 'A[1]', /axis 1 .* is empty/],
  [['A'], [], 'A', /must not have fewer than 1/],
  [['B', 0, 1, 0, 1], -1, 'B[0][1,0,1]', /is negative/],
  [['B', 0], uniform(2, uniform(2, [])), 'B[0]', /no action, so the policy set is empty/],
  [['B', 1, 0, 1, 2, 0], 7, 'B[1][:,1,2,0]', /sums to 7\./],
  [
    ['B', 1],
    uniform(3, uniform(3, uniform(3, [1 / 3]))),
    'B[1]',
    /axis 1 \(previous states of factor 0\) has 3/,
  ],
  [['C', 0], [0, 1], 'C[0]', /axis 0 \(outcomes of modality 0\) has 2 entries/],
  [
    ['C', 0],
    [
      [0, 1],
      [0, 1],
      [0, 1],
    ],
    'C[0][0]',
    /axis 1 \(predicted steps/,
  ],
  [['C', 0, 2], -Infinity, 'C[0][2]', /is -Infinity/],
  [['C'], [[0, 0, 0]], 'C', /has 1 array$/],
  [['D', 1], [0.5, 0.25, 0.2], 'D[1]', /sums to 0\.95/],
  [['D', 1], [0.5, 0.5], 'D[1]', /axis 0 \(states of factor 1\) has 2 entries/],
  [['D'], [[0.5, 0.5]], 'D', /has 1 array$/],
  [['E'], [0.5, 0.25, 0.25], 'E', /axis 0 \(policies\) has 3 entries/],
  [['E'], [0.5, 0.75], 'E', /sums to 1\.25/],
  [['E'], [1.5, -0.5], 'E[1]', /is negative/],
  [['A_dependencies'], [[0, 1]], 'A_dependencies', /has 1 list$/],
  [['A_dependencies'], [[0, 1, 1], [0]], 'A_dependencies[0]', /has 3 entries/],
  [
    ['A_dependencies'],
    [
      [0, 1],
      [0, 2],
    ],
    'A_dependencies[1][1]',
    /names factor 2/,
  ],
  [['B_dependencies', 1], [1, 1], 'B_dependencies[1][1]', /names factor 1 twice/],
  [['B_dependencies'], [[0]], 'B_dependencies', /has 1 list$/],
  [['options', 'gamma'], Number.NaN, 'options.gamma', /./],
  [['options', 'policyLen'], 0, 'options.policyLen', /./],
  [['options', 'samplingMode'], 'best', 'options.samplingMode', /./],
  [['options', 'learn'], true, 'options.learn', /unknown field/],
  [['pF'], [], 'pF', /unknown field/],
]

test('each kind of fault is refused with its path', () => {
  for (const [keys, value, path, message] of FAULTS) assertRefused(broken(keys, value), path, message)
})

test('a column that does not sum to one is named with its sum', () => {
  const model = broken(
    ['B', 0],
    [
      [
        [1, 0.5],
        [0, 0.48],
      ],
      [
        [0, 0.5],
        [1, 0.5],
      ],
    ],
  )
  const { errors } = refusal(model)
  assert.deepEqual(errors, [
    { path: 'B[0][:,1,1]', message: 'sums to 0.98', got: 0.98, expected: '1 ± 1e-6' },
  ])
})

test('at most 16 faults are named', () => {
  assert.equal(refusal(broken(['A', 0], uniform(3, uniform(2, uniform(3, -1))))).errors.length, 16)
})

test('what is within 1e-6 of a distribution is used as it is', () => {
  const { D } = validateModel(broken(['D', 0], [0.5, 0.5 + 9e-7]), DEFAULT_LIMITS)
  assert.deepEqual([...D[0]], [0.5, 0.5 + 9e-7])
  assert.equal(refusal(broken(['D', 0], [0.5, 0.5 + 2e-6])).code, 'invalid_model')
})

test('defaults are filled in', () => {
  const staying = [
    [[1], [0]],
    [[0], [1]],
  ]
  const valid = validateModel(
    {
      A: [
        [
          [1, 0],
          [0, 1],
        ],
      ],
      B: [staying],
    },
    DEFAULT_LIMITS,
  )
  assert.deepEqual(valid.C, [Float64Array.of(0, 0)])
  assert.deepEqual(valid.D, [Float64Array.of(0.5, 0.5)])
  assert.deepEqual([...valid.E], [1])
  assert.deepEqual([valid.aDependencies, valid.bDependencies], [[[0]], [[0]]])
  assert.deepEqual([valid.options.gamma, valid.options.numIter, valid.options.policyLen], [16, 10, 1])
})

test('a factor may have one level, and may be driven by another factor alone', () => {
  const driven = { A: [[[[1]], [[0]]]], B: [[[[1]]], [[[1, 1]]]], B_dependencies: [[0], [0]] }
  assert.deepEqual(validateModel(driven, DEFAULT_LIMITS).numStates, [1, 1])
})

test('a size is refused by the name of its limit, before anything of that size is made', () => {
  const far = { ...sound(), options: { policyLen: 64 } }
  const limits = (lower: Partial<Limits>): Limits => ({ ...DEFAULT_LIMITS, ...lower })
  const refused: [Model, Limits, string][] = [
    [far, DEFAULT_LIMITS, 'policies'],
    [sound(), limits({ modelBytes: 512 }), 'modelBytes'],
    [sound(), limits({ agentBytes: 64 }), 'agentBytes'],
    [sound(), limits({ factors: 1 }), 'factors'],
    [sound(), limits({ modalities: 1 }), 'modalities'],
  ]
  for (const [model, bounds, name] of refused) {
    const { code, message, errors } = refusal(model, bounds)
    assert.equal(code, 'model_too_large')
    assert.ok(message.includes(name), message)
    assert.ok(
      errors.some(({ path }) => path === name),
      name,
    )
  }
})
