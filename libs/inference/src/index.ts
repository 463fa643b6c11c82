// Active inference as pure functions over flat memory: check, compile and map a model, step and read its agents.
export { type KernelName, kernelOf, Kernels, NUMERICS } from './kernel/kernels.js'
export { ownSlot, type OwnSlot } from './kernel/own-slot.js'
export { KERNEL_SCRATCH_BYTES } from './kernel/program/build.js'
export { stepRows, type Wanted } from './kernel/reference.js'
export { philox } from './math/random.js'
export { canonicalModel } from './model/canonical.js'
export { compileModel } from './model/compile.js'
export { type CompiledModel, mapModel } from './model/compiled.js'
export { describeModel } from './model/describe.js'
export { threadBytes } from './model/memory.js'
export type { ValidModel } from './model/valid-model.js'
export { validateModel } from './model/check/validate.js'
export { stepWork } from './model/work.js'
export { readBeliefs, readRow } from './row/read.js'
export { writeInitialRows } from './row/write.js'
export { makeScratch, type Scratch } from './scratch.js'
export {
  NOTE_IMPOSSIBLE,
  NOTE_PLAN_KEPT,
  ROW_BAD_OBSERVATION,
  ROW_OK,
  ROW_OVER_BUDGET,
  ROW_POISONED,
  ROW_WRONG_STEP,
  type SlotExtras,
  slotLayout,
  type SlotLayout,
  slotShape,
  termBytes,
  termOf,
} from './slot.js'
