// A compute thread of `cohort doctor --measure`: steps agents of its own by the real kernel. Started by measure.ts
import { CohortError, DEFAULT_LIMITS } from '@cohort/contracts'
import { describeModel, ownSlot, validateModel, writeInitialRows } from '@cohort/inference'
import { enterThread } from '@cohort/threads'
import { GRID5_NOISY, gridModel } from '@cohort/worlds'

/** 100 states, 100 outcomes, 5 actions: its matrices take half a megabyte, as much as a core has near it. */
const GRID = { ...GRID5_NOISY, size: 10 }
/** Some milliseconds of steps. */
const AGENTS = 64

/** Steps each of its agents so many times; answers how many steps that were. */
export type StepTimes = number

type Thread = ReturnType<typeof enterThread<undefined, StepTimes, number>>

const entry: Thread = enterThread<undefined, StepTimes, number>(() => {
  const valid = validateModel(gridModel({ grid: GRID, goal: GRID.size ** 2 - 1 }), DEFAULT_LIMITS)
  const extras = { soft: false, terms: false }
  const { buffer, slot, layout, step } = ownSlot(valid, { rows: AGENTS, extras })
  const out = new Uint8Array(buffer, slot + layout.rows, AGENTS * describeModel(valid).rowBytes)
  writeInitialRows({ model: valid, seed: 1, from: 0, out })
  const seen = new Int32Array(buffer, slot + layout.obs, AGENTS)
  const errors = new Int32Array(buffer, slot + layout.errors, AGENTS)
  return (times) => {
    for (let i = 0; i < times; i++) {
      for (let agent = 0; agent < AGENTS; agent++) seen[agent] = (7 * agent + i) % GRID.size ** 2
      step({ qPi: false, G: false, vfe: false, terms: false })
    }
    if (errors.some((error) => error !== 0))
      throw new CohortError('internal', 'a step of the measurement failed')
    return times * AGENTS
  }
})

// The pool takes the default export of its file for its tasks.
export default entry
