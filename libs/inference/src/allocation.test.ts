// What a step leaves to the garbage collector: no array, no object, whatever the kind of model.
import assert from 'node:assert/strict'
import type { HeapProfiler } from 'node:inspector'
import { Session } from 'node:inspector/promises'
import { test } from 'node:test'
import type { ModelOptions } from '@cohort/contracts'
import { madeModel, type Recipe } from './testing/models.js'
import { openTestSlot, seenBy, type TestSlot } from './testing/test-slot.js'

const ROWS = 100
/** A task makes views of its slot, some objects for all its rows. */
const PER_STEP = 0.3
/** A number that is boxed, as every one is in code that the compiler has not yet come to. */
const BOXED_BYTES = 16
const LIBRARY = new URL('.', import.meta.url).href

const TWO: Recipe = { numStates: [3, 2], numControls: [2, 2], numObs: [3, 2], seed: 5 }
const ONE: Recipe = { numStates: [4], numControls: [2], numObs: [3, 2], seed: 5 }
const LEARNING: ModelOptions = { learning: { A: {}, B: {}, D: {}, E: {} }, useParamInfoGain: true }
const PASSING: ModelOptions = { inference: 'messagePassing', window: 2, gamma: 1, policyLen: 2, numIter: 4 }

const KINDS: Readonly<Record<string, Recipe>> = {
  'a fixed point': { ...TWO, options: { policyLen: 2 } },
  'sweeps in turn, and a plan that is kept': {
    ...TWO,
    options: { sweeps: 'sequential', policyLen: 2, planEvery: 2 },
  },
  'whole policies by lot': { ...TWO, options: { actionSelection: 'stochastic', samplingMode: 'full' } },
  'exact filtering': { ...ONE, options: { inference: 'exact', policyLen: 2 } },
  'a search': { ...TWO, options: { planning: 'sophisticated', horizon: 2, outcomePruneThreshold: 0.1 } },
  'message passing': { ...TWO, options: { ...PASSING, updateGamma: true } },
  'message passing that learns': {
    ...TWO,
    counts: true,
    goal: true,
    options: { ...PASSING, ...LEARNING, gradientDescent: false },
  },
  'all that can be learned': { ...TWO, counts: true, goal: true, options: LEARNING },
}

for (const [kind, recipe] of Object.entries(KINDS)) {
  test(`a step of ${kind} allocates nothing of its own`, async (t) => {
    const session = new Session()
    session.connect()
    t.after(() => session.disconnect())
    const slot = openTestSlot(madeModel(recipe), ROWS)
    for (let row = 0; row < ROWS; row++) slot.observe(row, seenBy(recipe.numObs, row, 1))
    // The engine's own work on a function counts as that function's, now and then: what a step allocates itself is in
    // every task, so the least of some is what counts.
    let least = await allocated(session, slot)
    for (let task = 0; task < 50 && least.perStep > PER_STEP; task++) {
      const again = await allocated(session, slot)
      if (again.perStep < least.perStep) least = again
    }
    assert.ok(least.perStep <= PER_STEP, `${least.perStep} objects a step: ${least.where.join(', ')}`)
  })
}

interface Allocated {
  /** Objects, boxed numbers left out. */
  readonly perStep: number
  readonly where: readonly string[]
}

interface Sampled extends HeapProfiler.SamplingHeapProfileNode {
  readonly id: number
  readonly children: Sampled[]
}

/** What the engine sends and its types do not know. */
interface SampledProfile {
  readonly head: Sampled
  readonly samples: readonly { readonly size: number; readonly nodeId: number }[]
}

/** What one task allocates in a function of the library, or in what such a function calls. */
async function allocated(session: Session, slot: TestSlot): Promise<Allocated> {
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: 1,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  })
  slot.step()
  const { profile } = await session.post('HeapProfiler.stopSampling')
  const { head, samples } = profile as unknown as SampledProfile
  const owners = new Map<number, string>()
  findOwners(head, undefined, owners)
  const names = samples.flatMap(({ size, nodeId }) => (size > BOXED_BYTES ? (owners.get(nodeId) ?? []) : []))
  return { perStep: names.length / ROWS, where: [...new Set(names)] }
}

function findOwners(
  { id, callFrame, children }: Sampled,
  above: string | undefined,
  owners: Map<number, string>,
) {
  const { url, functionName } = callFrame
  const isOurs = url.startsWith(LIBRARY) && url !== import.meta.url
  const owner = isOurs ? functionName : above
  if (owner !== undefined) owners.set(id, owner)
  for (const child of children) findOwners(child, owner, owners)
}
