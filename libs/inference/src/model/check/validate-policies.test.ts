// Policies and controls: each list names what there is; their sizes are known before anything is made.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Limits, type Model } from '@cohort/contracts'
import { madeModel } from '../../testing/models.js'
import { assertRefused, changed, type Key, refusal } from '../../testing/refusal.js'
import { describeModel } from '../describe.js'
import { validateModel } from './validate.js'

const RECIPE = { numStates: [2, 3], numObs: [3], numControls: [2, 3], seed: 1 }
/** Policies of two steps; two controls of 2 and 3 actions. */
const sound = (): Model => ({
  ...madeModel(RECIPE),
  policies: [
    [
      [0, 2],
      [1, 1],
    ],
    [
      [0, 2],
      [1, 2],
    ],
    [
      [1, 0],
      [0, 0],
    ],
  ],
})

// What is changed, to what, the path that must be named, and what must be said of it.
const FAULTS: readonly (readonly [readonly Key[], unknown, string, RegExp])[] = [
  [['policies', 1], [[0, 2]], 'policies[1]', /has 1 step$/],
  [
    ['policies', 1],
    [
      [0, 2],
      [1, 2],
      [0, 0],
    ],
    'policies[1]',
    /has 3 steps/,
  ],
  [['policies', 1, 1], [1], 'policies[1][1]', /has 1 action$/],
  [['policies', 1, 1], [1, 2, 0], 'policies[1][1]', /has 3 actions/],
  [['policies', 1, 1, 1], 3, 'policies[1][1][1]', /is action 3/],
  [
    ['policies', 2],
    [
      [0, 2],
      [1, 1],
    ],
    'policies[2]',
    /is policy 0 again/,
  ],
  [['policies'], [], 'policies', /fewer than 1/],
  [['policies', 0], [], 'policies[0]', /fewer than 1/],
  [['policies', 0], new Array(65).fill([0, 0]), 'policies[0]', /more than 64/],
  [['policies', 0, 0, 0], -1, 'policies[0][0][0]', /./],
  [['policies', 0, 0, 0], 0.5, 'policies[0][0][0]', /./],
  [['options'], { policyLen: 3 }, 'policies[0]', /has 2 steps/],
  [['E'], [0.5, 0.5], 'E', /axis 0 \(policies\) has 2 entries/],
  [['B_action_dependencies'], [[0]], 'B_action_dependencies', /has 1 list$/],
  [['B_action_dependencies'], [[0], [0, 0]], 'B_action_dependencies[1][1]', /names control 0 twice/],
  [['B_action_dependencies'], [[0], [2]], 'B_action_dependencies', /names no factor for control 1/],
  [['B_action_dependencies'], [[], []], 'B_action_dependencies', /names no control/],
  [['B_action_dependencies'], [[0], [1e9]], 'B_action_dependencies[1][0]', /names control 1000000000/],
  [['B_action_dependencies'], [[0], [0]], 'B[1]', /axis 3 \(actions of control 0\) has 3 entries/],
  [['B_action_dependencies'], [[0], [1, 2]], 'B[1]', /has 4 of 5 axes/],
  [['B_action_dependencies'], [[0], []], 'B[1][0,0,0]', /is not a number/],
]

test('each kind of fault is refused with its path', () => {
  assert.doesNotThrow(() => validateModel(sound(), DEFAULT_LIMITS))
  for (const [keys, value, path, message] of FAULTS) {
    const model = changed(sound(), keys, value)
    if (keys[0] === 'B_action_dependencies') delete model.policies
    assertRefused(model, path, message)
  }
})

test('a list says how long its policies are; a length beside it must say the same', () => {
  const { policyLen, policies, nodes } = validateModel(sound(), DEFAULT_LIMITS)
  assert.deepEqual([policyLen, policies, nodes], [2, 3, 5])
  assert.equal(validateModel({ ...sound(), options: { policyLen: 2 } }, DEFAULT_LIMITS).options.policyLen, 2)
})

const limits = (lower: Partial<Limits>): Limits => ({ ...DEFAULT_LIMITS, ...lower })

/** `model_too_large`, naming the limit and the size. */
function assertTooLarge(model: Model, bounds: Limits, [name, size]: [keyof Limits, number]): void {
  const { code, errors } = refusal(model, bounds)
  assert.equal(code, 'model_too_large')
  assert.deepEqual(
    errors.map(({ path, got }) => [path, got]).filter(([path]) => path === name),
    [[name, size]],
  )
}

test('policies are counted before any is made, controllable ones alone', () => {
  const of = (options: Model['options']): Model => ({ ...madeModel(RECIPE), options: options ?? {} })
  assertTooLarge(of({ policyLen: 7 }), DEFAULT_LIMITS, ['policies', 6 ** 7])
  assertTooLarge(of({ policyLen: 64 }), DEFAULT_LIMITS, ['policies', 6 ** 64])
  assert.equal(validateModel(of({ policyLen: 7, controllable: [0] }), DEFAULT_LIMITS).policies, 2 ** 7)
  assertTooLarge(of({ policyLen: 3, controllable: [1] }), limits({ policies: 26 }), ['policies', 27])
})

test('a list longer than the limit is refused by its length, whatever else is wrong with it', () => {
  assertTooLarge(sound(), limits({ policies: 2 }), ['policies', 3])
  const endless = { ...sound(), policies: new Array<number[][]>(65_537).fill([[9, 9, 9]]) }
  assertTooLarge(endless, DEFAULT_LIMITS, ['policies', 65_537])
})

test('joint actions of many controls are too many bytes before they are made', () => {
  const controls = Array.from({ length: 40 }, (_, control) => control)
  const B = [[[1]], ...controls.map(() => [[[1, 1]]])]
  const model = {
    A: [new Array(40).fill(0).reduce((inner: unknown) => [inner], [1])] as Model['A'],
    B: B.slice(1),
  }
  const { code, errors } = refusal({ ...model, options: { controllable: [0] } }, limits({ factors: 64 }))
  assert.deepEqual([code, errors.map(({ path }) => path)], ['model_too_large', ['modelBytes']])
})

test('the counts of a learning agent count as bytes of each agent, those of one that does not learn do not', () => {
  const recipe = { numStates: [20], numObs: [20], numControls: [2], seed: 1, counts: true }
  const counted = madeModel({ ...recipe, options: { useParamInfoGain: true } })
  const still = describeModel(validateModel(counted, DEFAULT_LIMITS))
  const learning = madeModel({ ...recipe, options: { learning: { A: {}, B: {} } } })
  const { rowBytes, agentBytes } = describeModel(validateModel(learning, DEFAULT_LIMITS))
  assert.equal(rowBytes - still.rowBytes, 8 * (20 * 20 + 2 * 20 * 20))
  assertTooLarge(learning, limits({ agentBytes: agentBytes - 1 }), ['agentBytes', agentBytes])
  assert.doesNotThrow(() => validateModel(learning, limits({ agentBytes })))
  assert.doesNotThrow(() => validateModel(counted, limits({ agentBytes: still.agentBytes })))
})

test('factors of one level go everywhere: alone, coupled, with counts, goals, lists and every kind of planning', () => {
  const one = { numStates: [1, 1], numObs: [1], numControls: [1, 2], seed: 1 }
  const kinds: Model['options'][] = [
    {},
    { planning: 'sophisticated' },
    { sweeps: 'sequential' },
    { inference: 'messagePassing' },
  ]
  for (const also of [{}, { counts: true }, { coupled: true }, { listed: true }])
    for (const options of kinds) {
      const valid = validateModel(madeModel({ ...one, ...also, options: options ?? {} }), DEFAULT_LIMITS)
      assert.deepEqual(valid.numStates, [1, 1])
    }
  assert.doesNotThrow(() => validateModel(madeModel({ ...one, goal: true }), DEFAULT_LIMITS))
  const alone = { A: [[[1], [0]]], B: [[[[1]]]], options: { inference: 'exact' as const } }
  assert.deepEqual(validateModel(alone, DEFAULT_LIMITS).numStates, [1])
})
