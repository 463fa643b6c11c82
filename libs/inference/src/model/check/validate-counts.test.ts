// Counts and goals: in the shape of what they are of, in agreement with it, there where they are needed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import { madeModel } from '../../testing/models.js'
import { assertRefused, changed, type Key, refusal } from '../../testing/refusal.js'
import { validateModel } from './validate.js'

/** Two factors of 2 and 3 states, two modalities of 3 and 2 outcomes, 2 and 1 actions; a goal of the first factor. */
const sound = (): Model =>
  madeModel({ numStates: [2, 3], numObs: [3, 2], numControls: [2, 1], seed: 1, counts: true, goal: true })

// What is changed, to what, the path that must be named, and what must be said of it.
const FAULTS: readonly (readonly [readonly Key[], unknown, string, RegExp])[] = [
  [['pA', 0, 1, 0, 2], -1, 'pA[0][1,0,2]', /is negative/],
  [['pA', 0, 1, 0, 2], Number.NaN, 'pA[0][1,0,2]', /is NaN/],
  [['pA', 0, 1, 0, 2], null, 'pA[0][1,0,2]', /is not a number/],
  [['pA', 0], [1, 1, 1], 'pA[0][0]', /axis 1 \(states of factor 0\) is not an array/],
  [['pA', 1, 0], [[1, 1]], 'pA[1][0]', /axis 1 \(states of factor 0\) has 1 entry$/],
  [['pA'], [null], 'pA', /has no counts for A\[0\]/],
  [['pA', 0, 1, 0, 2], 500, 'A[0][0,0,2]', /^is 0/],
  [
    ['A', 0],
    [
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    ],
    'A[0][0,0,0]',
    /^is 1$/,
  ],
  [['pB', 0, 1, 0, 1], -0.5, 'pB[0][1,0,1]', /is negative/],
  [['pB', 1, 2, 1, 2], [1, 1], 'pB[1][2,1,2]', /axis 3 \(actions of control 1\) has 2 entries/],
  [['pB'], [null, null, null], 'pB', /has no counts for B\[0\]/],
  [['pB', 1, 2, 1, 2, 0], 99, 'B[1][0,1,2,0]', /^is 0/],
  [['pD', 1], [1, 1], 'pD[1]', /axis 0 \(states of factor 1\) has 2 entries/],
  [['pD', 1], [0, 0, 0], 'pD[1]', /sums to 0/],
  [['pD', 1, 2], 77, 'D[1][0]', /^is 0/],
  [['pD'], [], 'pD', /has no counts for D\[0\]/],
  [['pE'], [1], 'pE', /axis 0 \(policies\) has 1 entry$/],
  [['pE'], [0, 0], 'pE', /sums to 0/],
  [['pE', 0], -1, 'pE[0]', /is negative/],
  [['E'], [1, 0], 'E[0]', /^is 1$/],
  [['H', 0], [0, 0], 'H[0]', /has no goal/],
  [['H', 0], [0, 0.5], 'H[0][1]', /is 0\.5/],
  [['H', 0], [1], 'H[0]', /axis 0 \(states of factor 0\) has 1 entry$/],
  [['H'], [null, null], 'H', /names no goal/],
  [['H'], [[0, 1]], 'H', /has 1 array$/],
  [['H', 1], [0, 1, 0], 'H[1]', /does not depend on itself alone/],
]

test('each kind of fault is refused with its path', () => {
  assert.doesNotThrow(() => validateModel(sound(), DEFAULT_LIMITS))
  for (const [keys, value, path, message] of FAULTS)
    assertRefused(changed(sound(), keys, value), path, message)
})

test('a list of counts is as long as that of its matrices', () => {
  const model = sound()
  assertRefused({ ...model, pA: [...(model.pA ?? []), null] }, 'pA', /has 3 arrays$/)
  const { A, B, B_dependencies, pA } = model
  const read = { A, B, ...(B_dependencies && { B_dependencies }), ...(pA && { pA }) }
  const options = { useParamInfoGain: true }
  assertRefused({ ...read, options, pB: [model.pB?.[0] ?? null] }, 'pB', /has 1 array$/)
})

test('a column without a count is named: nothing could ever be learned of it', () => {
  const model = sound()
  for (let o = 0; o < 3; o++) (model.pA as number[][][][])[0][o][1][2] = 0
  assertRefused(model, 'pA[0][:,1,2]', /sums to 0/)
  const beyond = changed(sound(), ['pB', 0, 0, 0, 0], 1.5e308)
  assertRefused(changed(beyond, ['pB', 0, 1, 0, 0], 1.5e308), 'pB[0][:,0,0]', /sums to Infinity/)
})

test('what is to be learned must have counts', () => {
  const { pA, pB, pD, pE, ...plain } = sound()
  assert.ok(pA && pB && pD && pE)
  const learning = (named: object): Model => ({ ...plain, options: { learning: named } })
  assertRefused(learning({ A: {} }), 'pA', /has no counts for A\[0\], which is to be learned/)
  assertRefused(learning({ B: { only: [1] } }), 'pB', /has no counts for B\[1\]/)
  assertRefused(learning({ D: {} }), 'pD', /has no counts for D\[0\]/)
  assertRefused(learning({ E: {} }), 'pE', /is missing, and E is to be learned/)
  assertRefused({ ...learning({ A: {} }), pA: [pA[0], null] }, 'pA', /has no counts for A\[1\]/)
  const some = { ...learning({ A: { only: [0] } }), pA: [pA[0], null] }
  assert.doesNotThrow(() => validateModel(some, DEFAULT_LIMITS))
})

test('counts that nothing learns or reads are refused, with what would learn them', () => {
  const { pA, pB, pD, pE, options, ...plain } = sound()
  assert.ok(pA && pB && pD && pE && options)
  const given = { pA, pB, pD, pE }
  for (const name of ['A', 'B', 'D', 'E'] as const) {
    const model = { ...plain, [`p${name}`]: given[`p${name}`] }
    assertRefused(model, `p${name}`, /nothing learns it or reads it/)
    assert.match(refusal(model).message, new RegExp(`options\\.learning\\.${name}: {} to learn ${name}`))
    const learning = { ...model, options: { learning: { [name]: {} } } }
    assert.doesNotThrow(() => validateModel(learning, DEFAULT_LIMITS))
  }
  const seeking = { ...plain, pA, pB, options: { useParamInfoGain: true } }
  assert.doesNotThrow(() => validateModel(seeking, DEFAULT_LIMITS))
  assertRefused({ ...seeking, pD }, 'pD', /nothing learns it or reads it/)
  assertRefused({ ...plain, options: { learning: {} } }, 'options.learning', /names nothing to learn/)
  // As the canonical text has it.
  const said = { ...plain, options: { learning: { when: 'afterAction' } } } as const
  assert.doesNotThrow(() => validateModel(said, DEFAULT_LIMITS))
})

test('where counts are at fault, or their matrix is, only that is said; where they disagree, what would agree', () => {
  const { errors } = refusal(changed(sound(), ['pA', 0, 1, 0, 2], -1))
  assert.deepEqual(
    errors.map(({ path }) => path),
    ['pA[0][1,0,2]'],
  )
  assert.equal(refusal(changed(sound(), ['pD', 1], [0, 0, 0])).errors.length, 1)
  assert.equal(refusal(changed(sound(), ['A', 1, 0], [[9, 9, 9]])).errors.length, 1)
  const apart = { A: [[[0.9], [0.1]]], B: [[[[1]]]], pA: [[[8], [2]]], options: { learning: { A: {} } } }
  assert.equal(
    refusal(apart).message,
    'A[0][0,0] is 0.9, expected 0.8 ± 1e-6, which is pA[0] normalised; give A[0] as its counts normalised',
  )
})

const LEARNING = { learning: { A: {}, D: {}, E: {} } }

test('the matrices of a model with counts are those counts, normalised', () => {
  const model = {
    A: [
      [
        [0.75, 0.5],
        [0.25, 0.5],
      ],
    ],
    B: [
      [
        [[1], [0]],
        [[0], [1]],
      ],
    ],
    pA: [
      [
        [3, 7],
        [1, 7],
      ],
    ],
  }
  const { A, D, E, pA } = validateModel(
    { ...model, pD: [[1, 3]], pE: [2], options: LEARNING },
    DEFAULT_LIMITS,
  )
  assert.deepEqual(
    [A[0], D[0], E, pA[0]].map((one) => [...(one ?? [])]),
    [[0.75, 0.5, 0.25, 0.5], [0.25, 0.75], [1], [3, 7, 1, 7]],
  )
  const near = changed({ ...model, options: { learning: { A: {} } } }, ['A', 0, 0, 0], 0.75 + 5e-7)
  assert.equal(validateModel(near, DEFAULT_LIMITS).A[0][0], 0.75)
})
