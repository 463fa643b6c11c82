// A compiled model is as long as it was said to be, says what it is, and can lie anywhere.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CohortError, DEFAULT_LIMITS } from '@cohort/contracts'
import fc from 'fast-check'
import { slotLayout, slotShape } from '../slot.js'
import { allKinds, madeModel } from '../testing/models.js'
import { compileModel } from './compile.js'
import { mapModel } from './compiled.js'
import { describeModel } from './describe.js'
import { modelLayout } from './layout.js'
import { policyActions } from './policies.js'
import { validateModel } from './check/validate.js'

test('a compiled model has a bounded length, and reads the same wherever it lies', () => {
  fc.assert(
    fc.property(allKinds, fc.nat(3), (recipe, lines) => {
      const valid = validateModel(madeModel(recipe), DEFAULT_LIMITS)
      const bytes = compileModel(valid)
      const { compiledBytes } = describeModel(valid)
      assert.ok(bytes.length >= compiledBytes && bytes.length <= 4 * compiledBytes + 2 ** 20)
      const moved = new SharedArrayBuffer(bytes.length + 64 * lines)
      new Uint8Array(moved).set(bytes, 64 * lines)
      assert.deepEqual({ ...mapModel(moved, 64 * lines), offset: 0 }, mapModel(bytes.buffer, 0))
      assert.deepEqual(mapModel(moved, 64 * lines).options, valid.options)
    }),
    { numRuns: 50 },
  )
})

test('every matrix of a model and every column of a slot begins on a cache line', () => {
  fc.assert(
    fc.property(allKinds, fc.integer({ min: 1, max: 300 }), (recipe, rows) => {
      const valid = validateModel(madeModel(recipe), DEFAULT_LIMITS)
      const offsets = [modelLayout(valid), slotLayout(slotShape(describeModel(valid)), rows)].flatMap(
        (layout) => Object.values(layout).flat(),
      )
      for (const offset of offsets) assert.equal(offset % 64, 0)
    }),
  )
})

test('matrices are laid out as the kernels walk them', () => {
  const A = [
    [
      [0.9, 0.2],
      [0.1, 0.8],
    ],
  ]
  const B = [
    [
      [
        [1, 0.3],
        [0, 0.6],
      ],
      [
        [0, 0.7],
        [1, 0.4],
      ],
    ],
  ]
  const compiled = mapModel(compileModel(validateModel({ A, B, E: [0.25, 0.75] }, DEFAULT_LIMITS)).buffer, 0)
  assert.deepEqual(
    compiled.B[0].map((action) => [...action]),
    [
      [1, 0, 0, 1],
      [0.3, 0.6, 0.7, 0.4],
    ],
  )
  assert.deepEqual([...compiled.A[0]], [0.9, 0.2, 0.1, 0.8])
  assert.deepEqual(
    [...compiled.logA[0]],
    [0.9, 0.2, 0.1, 0.8].map((p) => Math.log(p + 1e-16)),
  )
  assert.deepEqual(
    [...compiled.logE],
    [0.25, 0.75].map((p) => Math.log(p + 1e-16)),
  )
})

test('the tree of policies has every policy once, in order, and each shared beginning once', () => {
  const recipe = { numStates: [2, 2], numObs: [2], numControls: [2, 3], seed: 1, options: { policyLen: 2 } }
  const compiled = mapModel(compileModel(validateModel(madeModel(recipe), DEFAULT_LIMITS)).buffer, 0)
  assert.equal(compiled.nodeDepth.length, 6 + 36)
  const path: number[] = []
  const walked: number[][] = []
  compiled.nodeDepth.forEach((depth, node) => {
    path[depth - 1] = compiled.nodeAction[node]
    if (depth === 2) walked.push([...path])
  })
  const joint = (action: readonly number[]) => 3 * action[0] + action[1]
  assert.deepEqual(
    walked,
    walked.map((_, policy) => policyActions(compiled, policy).map(joint)),
  )
  assert.deepEqual([...compiled.policyAction], walked.flat())
  assert.deepEqual(policyActions(compiled, 7), [
    [0, 1],
    [0, 1],
  ])
})

test('what is no compiled model is refused', () => {
  assert.throws(() => mapModel(new ArrayBuffer(64), 0), CohortError)
})
