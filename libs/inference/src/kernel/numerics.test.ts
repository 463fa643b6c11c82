// The promise behind NUMERICS: while the number stays, the same rows step to the same bytes, in every version.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '@cohort/contracts'
import { validateModel } from '../model/check/validate.js'
import { describeModel } from '../model/describe.js'
import { writeInitialRows } from '../row/write.js'
import { madeModel, type Recipe } from '../testing/models.js'
import { seenBy } from '../testing/test-slot.js'
import { NUMERICS } from './kernels.js'
import { ownSlot } from './own-slot.js'

const ONE: Recipe = { numStates: [7], numObs: [4, 3], numControls: [3], seed: 3, zeros: 0.3 }
const TWO: Recipe = { numStates: [3, 4], numObs: [4, 3], numControls: [2, 3], seed: 4 }
const RECIPES: readonly Recipe[] = [
  { ...ONE, options: { policyLen: 2 } },
  { ...ONE, options: { inference: 'exact' } },
  { ...ONE, options: { actionSelection: 'stochastic' } },
  { ...ONE, numObs: [4], options: { precision: 'single' } },
  TWO,
  { ...TWO, options: { sweeps: 'sequential', policyLen: 2 } },
  { ...TWO, counts: true },
  { ...TWO, options: { inference: 'messagePassing', window: 3, policyLen: 2, updateGamma: true } },
  { ...TWO, goal: true },
  { ...TWO, options: { planning: 'sophisticated' } },
]

/** Of all rows after the steps. Other bits are another NUMERICS: then write down both. */
const DIGESTS: Readonly<Record<number, { readonly mixed: string; readonly reference: string }>> = {
  3: { mixed: 'a939fff98e1c02a4', reference: 'd8f2e23d412314aa' },
}

test('what rows step to is what this number stands for', () => {
  assert.deepEqual({ mixed: digest(), reference: digest('reference') }, DIGESTS[NUMERICS])
})

const AGENTS = 20
const TICKS = 4

/** Stepped by the kernels that the models have, or by the reference alone. */
function digest(only?: 'reference'): string {
  const hash = createHash('sha256')
  for (const recipe of RECIPES) {
    const valid = validateModel(madeModel(recipe), DEFAULT_LIMITS)
    const { rowBytes, shapes } = describeModel(valid)
    const { buffer, slot, layout, step } = ownSlot(valid, {
      rows: AGENTS,
      extras: { soft: false, terms: false },
      ...(only === undefined ? {} : { only }),
    })
    const rows = new Uint8Array(buffer, slot + layout.rows, AGENTS * rowBytes)
    writeInitialRows({ model: valid, seed: 7, from: 0, out: rows })
    const seen = new Int32Array(buffer, slot + layout.obs, AGENTS * shapes.numObs.length)
    for (let tick = 0; tick < TICKS; tick++) {
      for (let agent = 0; agent < AGENTS; agent++)
        seenBy(shapes.numObs, agent, tick).forEach((outcome, m) => (seen[m * AGENTS + agent] = outcome))
      step({ qPi: false, G: false, vfe: false, terms: false })
    }
    hash.update(rows)
  }
  return hash.digest('hex').slice(0, 16)
}
