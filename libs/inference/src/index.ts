// Active inference as pure functions over flat memory: check, compile and map a model, step and read its agents.
export { NUMERICS_REFERENCE, type StepTask, stepRows, type Wanted } from './kernel/reference.js'
export { philox } from './math/random.js'
export { canonicalModel } from './model/canonical.js'
export { compileModel } from './model/compile.js'
export { type CompiledModel, mapModel } from './model/compiled.js'
export { describeModel } from './model/describe.js'
export { policyActions } from './model/policies.js'
export type { ValidModel } from './model/valid-model.js'
export { validateModel } from './model/validate.js'
export { type AgentState, readBeliefs, readRow, type RowShape } from './agent-state.js'
export { writeInitialRows, writeLastAction } from './row.js'
export { makeScratch, type Scratch } from './scratch.js'
export {
  NOT_SEEN,
  NOTE_IMPOSSIBLE,
  NOTE_PLAN_KEPT,
  ROW_BAD_OBSERVATION,
  ROW_OK,
  ROW_OVER_BUDGET,
  ROW_POISONED,
  ROW_WRONG_STEP,
  SEEN_SOFTLY,
  type SlotExtras,
  slotLayout,
  type SlotLayout,
  slotShape,
  type SlotShape,
  type Term,
  termBytes,
  termOf,
  TERMS,
} from './slot.js'
