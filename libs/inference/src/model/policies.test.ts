// Which policies there are, listed or not: no order matters, and the tree holds each beginning once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import fc from 'fast-check'
import { allKinds, madeModel, recipes } from '../testing/models.js'
import { openTestSlot, seenBy } from '../testing/test-slot.js'
import { compileModel } from './compile.js'
import { mapModel } from './compiled.js'
import { policyActions } from './policies.js'
import { validateModel } from './check/validate.js'

const compiled = (model: Model) => mapModel(compileModel(validateModel(model, DEFAULT_LIMITS)).buffer, 0)

test('a list may have the policies in any order: each keeps its G, bit by bit', () => {
  const order = fc.infiniteStream(fc.nat())
  fc.assert(
    fc.property(recipes, order, (recipe, keys) => {
      const whole = openTestSlot(madeModel(recipe), 1)
      const all = Array.from({ length: whole.info.policies }, (_, policy) => policy)
      const at = all.map(() => keys.next().value)
      const shuffled = all.toSorted((a, b) => (at[a] ?? 0) - (at[b] ?? 0))
      const policies = shuffled.map((policy) => policyActions(whole.compiled, policy))
      const listed = openTestSlot({ ...madeModel(recipe), policies }, 1)
      assert.equal(listed.compiled.nodes, whole.compiled.nodes)
      for (const slot of [whole, listed]) slot.observe(0, seenBy(recipe.numObs, 0, 0))
      for (const slot of [whole, listed]) slot.step()
      assert.deepEqual(
        [...listed.G],
        shuffled.map((policy) => whole.G[policy]),
      )
    }),
    { numRuns: 50 },
  )
})

test('the tree of a list holds each policy at its end, and each beginning once', () => {
  fc.assert(
    fc.property(allKinds, (recipe) => {
      const { nodeDepth, nodeAction, nodePolicy, policyAction, policyLen, nodes, policies } = compiled(
        madeModel({ ...recipe, listed: true }),
      )
      const path: number[] = []
      const beginnings = new Set<string>()
      const ends = new Set<number>()
      nodeDepth.forEach((depth, node) => {
        path.length = depth - 1
        path.push(nodeAction[node] ?? 0)
        beginnings.add(path.join())
        if (depth < policyLen) return
        const policy = nodePolicy[node] ?? 0
        ends.add(policy)
        assert.deepEqual(path, [...policyAction.subarray(policy * policyLen, (policy + 1) * policyLen)])
      })
      assert.deepEqual([beginnings.size, ends.size], [nodes, policies])
    }),
    { numRuns: 50 },
  )
})

test('controls that are not controllable keep action 0, and the list of the others says the same', () => {
  const recipe = { numStates: [2, 2], numObs: [3], numControls: [2, 3], seed: 6 }
  const policyLen = 2
  const held = compiled(madeModel({ ...recipe, options: { policyLen, controllable: [1] } }))
  assert.equal(held.policies, 9)
  const policies = Array.from({ length: 9 }, (_, policy) => policyActions(held, policy))
  assert.deepEqual(policies[5], [
    [0, 1],
    [0, 2],
  ])
  const listed = compiled({ ...madeModel({ ...recipe, options: { policyLen } }), policies })
  assert.deepEqual(
    [listed.policyAction, listed.nodeDepth, listed.nodeAction, listed.nodePolicy],
    [held.policyAction, held.nodeDepth, held.nodeAction, held.nodePolicy],
  )
  const order = madeModel({ ...recipe, options: { controllable: [1, 0] } })
  assert.deepEqual(compiled(order).controllable, [0, 1])
  const nothing = compiled(madeModel({ ...recipe, options: { controllable: [] } }))
  assert.deepEqual([nothing.policies, policyActions(nothing, 0)], [1, [[0, 0]]])
})
