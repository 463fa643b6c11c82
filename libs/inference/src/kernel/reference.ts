// leg: compute. Steps the rows of a slot one after the other, in plain TypeScript: the readable kernel.
import { highWord } from '../math/random.js'
import type { CompiledModel } from '../model/compiled.js'
import { SUM_TOLERANCE } from '../model/flatten.js'
import { HAS_ACTED, ROW, rowBytes } from '../row.js'
import type { Scratch } from '../scratch.js'
import {
  ROW_BAD_OBSERVATION,
  ROW_OK,
  ROW_POISONED,
  ROW_WRONG_STEP,
  slotLayout,
  type SlotLayout,
  slotShapeOf,
} from '../slot.js'
import { step } from '../step.js'

const ANY_STEP = -1
const NOT_SEEN = -1
const TWO_32 = 2 ** 32

/** Kept in the header of every block that this kernel wrote: another number may differ in the last bits. */
export const NUMERICS_REFERENCE = 1

/** What a caller wants of a step beside action and belief. */
export interface Wanted {
  readonly qPi: boolean
  readonly G: boolean
  readonly vfe: boolean
}

export interface StepTask {
  readonly model: CompiledModel
  /** The memory that holds the slot, a multiple of 8 bytes long. */
  readonly buffer: ArrayBufferLike
  /** Byte offset of the slot, a multiple of 64. */
  readonly slot: number
  /** Rows that the slot was laid out for. */
  readonly rows: number
  /** The rows to step: from `from` to before `to`. */
  readonly from: number
  readonly to: number
  /** Made with `makeScratch(model)`, used by one thread. */
  readonly scratch: Scratch
  readonly want: Wanted
}

/**
 * Steps rows in place and writes actions, errors and what is wanted. Each row's result depends on its own
 * bytes alone: not on its place, its neighbours or how a batch was cut. A row that cannot step keeps its
 * bytes and says why in `errors`.
 */
export function stepRows(task: StepTask): void {
  const slot = openSlot(task)
  for (let row = task.from; row < task.to; row++) {
    const error = readAgent(task, slot, row)
    slot.i32[slot.layout.errors / 4 + row] = error
    if (error === ROW_OK) {
      step(task.model, task.scratch, task.want.vfe)
      writeAgent(task, slot, row)
      writeOutputs(task, slot, row)
    } else {
      clearOutputs(task, slot, row)
    }
  }
}

/** Views of one slot: a few objects a task, none a row. */
interface OpenSlot {
  readonly layout: SlotLayout
  readonly rowBytes: number
  readonly i32: Int32Array
  readonly u32: Uint32Array
  readonly f64: Float64Array
}

function openSlot({ model, buffer, slot, rows }: StepTask): OpenSlot {
  const layout = slotLayout(slotShapeOf(model), rows)
  return {
    layout,
    rowBytes: rowBytes(model),
    i32: new Int32Array(buffer, slot, layout.bytes / 4),
    u32: new Uint32Array(buffer, slot, layout.bytes / 4),
    f64: new Float64Array(buffer, slot, layout.bytes / 8),
  }
}

/** The row and its observation into `scratch.agent`; what is wrong with them, or `ROW_OK`. */
function readAgent(
  { model, scratch, rows }: StepTask,
  { layout, rowBytes, i32, u32, f64 }: OpenSlot,
  row: number,
): number {
  const { agent } = scratch
  const at = layout.rows + row * rowBytes
  agent.step = u32[(at + ROW.step) / 4] + u32[(at + ROW.step) / 4 + 1] * TWO_32
  const expected = f64[layout.expectedStep / 8 + row]
  if (expected !== ANY_STEP && expected !== agent.step) return ROW_WRONG_STEP
  for (let m = 0; m < model.numObs.length; m++) {
    const seen = i32[layout.obs / 4 + m * rows + row]
    if (seen < NOT_SEEN || seen >= model.numObs[m]) return ROW_BAD_OBSERVATION
    agent.observation[m] = seen
  }
  agent.seed[0] = u32[(at + ROW.seed) / 4]
  agent.seed[1] = u32[(at + ROW.seed) / 4 + 1]
  agent.acted = (u32[(at + ROW.flags) / 4] & HAS_ACTED) !== 0
  agent.action = u32[(at + ROW.lastAction) / 4]
  if (agent.action * model.numStates.length >= model.jointActions.length) return ROW_POISONED
  const beliefs = (at + ROW.beliefs) / 8
  for (let s = 0; s < model.states; s++) agent.beliefs[s] = f64[beliefs + s]
  return scratch.qs.every(isDistribution) ? ROW_OK : ROW_POISONED
}

function isDistribution(belief: Float64Array): boolean {
  let sum = 0
  for (let s = 0; s < belief.length; s++) {
    if (belief[s] < 0) return false
    sum += belief[s]
  }
  // False for NaN and Infinity too.
  return Math.abs(sum - 1) <= SUM_TOLERANCE
}

function writeAgent(
  { model, scratch }: StepTask,
  { layout, rowBytes, u32, f64 }: OpenSlot,
  row: number,
): void {
  const { agent } = scratch
  const at = layout.rows + row * rowBytes
  const steps = agent.step + 1
  u32[(at + ROW.step) / 4] = steps >>> 0
  u32[(at + ROW.step) / 4 + 1] = highWord(steps)
  u32[(at + ROW.lastAction) / 4] = agent.action
  u32[(at + ROW.flags) / 4] |= HAS_ACTED
  const beliefs = (at + ROW.beliefs) / 8
  for (let s = 0; s < model.states; s++) f64[beliefs + s] = agent.beliefs[s]
}

function writeOutputs(
  { model, scratch, rows, want }: StepTask,
  { layout, i32, f64 }: OpenSlot,
  row: number,
): void {
  const factors = model.numStates.length
  for (let f = 0; f < factors; f++) {
    i32[layout.actions / 4 + f * rows + row] = model.jointActions[scratch.agent.action * factors + f]
  }
  const policies = scratch.G.length
  if (want.qPi) f64.set(scratch.qPi, layout.qPi / 8 + row * policies)
  if (want.G) f64.set(scratch.G, layout.G / 8 + row * policies)
  if (want.vfe) f64[layout.vfe / 8 + row] = scratch.vfe
}

/** A slot is used again and again: a row that failed must not show what another job left there. */
function clearOutputs({ model, scratch, rows }: StepTask, { layout, i32, f64 }: OpenSlot, row: number): void {
  for (let f = 0; f < model.numStates.length; f++) i32[layout.actions / 4 + f * rows + row] = 0
  const policies = scratch.G.length
  f64.fill(0, layout.qPi / 8 + row * policies, layout.qPi / 8 + (row + 1) * policies)
  f64.fill(0, layout.G / 8 + row * policies, layout.G / 8 + (row + 1) * policies)
  f64[layout.vfe / 8 + row] = 0
}
