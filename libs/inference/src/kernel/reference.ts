// leg: compute. Steps the rows of a slot one after the other, in plain TypeScript: the readable kernel.
import { highWord } from '../math/random.js'
import type { CompiledModel } from '../model/compiled.js'
import { isDistribution, isSound } from '../row/sound.js'
import { HAS_ACTED, ROW } from '../row/layout.js'
import type { Scratch } from '../scratch.js'
import {
  NOT_SEEN,
  ROW_BAD_OBSERVATION,
  ROW_OK,
  ROW_OVER_BUDGET,
  ROW_POISONED,
  ROW_WRONG_STEP,
  SEEN_SOFTLY,
  type SlotExtras,
  slotLayout,
  type SlotLayout,
} from '../slot.js'
import { believe, step } from '../step.js'

const ANY_STEP = -1
const TWO_32 = 2 ** 32

/** What a caller wants of a step beside action and belief. */
export interface Wanted {
  readonly qPi: boolean
  readonly G: boolean
  readonly vfe: boolean
  /** The parts of G; only where the slot has been laid out for them. */
  readonly terms: boolean
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
  /** What the slot has been laid out for; nothing where left out. */
  readonly extras?: SlotExtras
}

/**
 * Steps rows in place and writes actions, errors and what is wanted. Each row's result depends on its own
 * bytes alone: not on its place, its neighbours or how a batch was cut. A row that cannot step keeps its
 * bytes and says why in `errors`.
 */
export function stepRows(task: StepTask): void {
  const slot = openSlot(task)
  task.scratch.wantVfe = task.want.vfe
  task.scratch.wantTerms = task.want.terms
  for (let row = task.from; row < task.to; row++) {
    const error = stepRow(task, slot, row)
    slot.i32[slot.layout.errors / 4 + row] = error
    if (error === ROW_OK) {
      writeAgent(task, slot, row)
      writeOutputs(task, slot, row)
    } else {
      clearOutputs(task, slot, row)
    }
  }
}

/**
 * The free energy that each row's step has, before it is done: rows stay as they are. For models that do not learn,
 * whose steps another kernel does.
 */
export function writeFreeEnergies(task: StepTask): void {
  const slot = openSlot(task)
  const { scratch, from, to } = task
  scratch.wantVfe = true
  for (let row = from; row < to; row++) {
    const isSteppable = readAgent(task, slot, row) === ROW_OK
    if (isSteppable) believe(scratch)
    slot.f64[slot.layout.vfe / 8 + row] = isSteppable ? scratch.vfe : 0
  }
}

/** What became of the step, which is in `scratch` where it is `ROW_OK`. */
function stepRow(task: StepTask, slot: OpenSlot, row: number): number {
  const error = readAgent(task, slot, row)
  if (error !== ROW_OK) return error
  return step(task.scratch) ? ROW_OK : ROW_OVER_BUDGET
}

/** Views of one slot: a few objects a task, none a row. */
interface OpenSlot {
  readonly layout: SlotLayout
  readonly rowBytes: number
  readonly i32: Int32Array
  readonly u32: Uint32Array
  readonly f64: Float64Array
}

function openSlot({ scratch, buffer, slot, rows, extras }: StepTask): OpenSlot {
  const shape = { ...scratch.slotShape, ...extras }
  const layout = slotLayout(shape, rows)
  return {
    layout,
    rowBytes: shape.rowBytes,
    i32: new Int32Array(buffer, slot, layout.bytes / 4),
    u32: new Uint32Array(buffer, slot, layout.bytes / 4),
    f64: new Float64Array(buffer, slot, layout.bytes / 8),
  }
}

/** The row and its observation into `scratch.agent`; what is wrong with them, or `ROW_OK`. */
function readAgent(
  { model, scratch, rows, extras }: StepTask,
  { layout, rowBytes, i32, u32, f64 }: OpenSlot,
  row: number,
): number {
  const { agent } = scratch
  const at = layout.rows + row * rowBytes
  agent.step = u32[(at + ROW.step) / 4] + u32[(at + ROW.step) / 4 + 1] * TWO_32
  const expected = f64[layout.expectedStep / 8 + row]
  if (expected !== ANY_STEP && expected !== agent.step) return ROW_WRONG_STEP
  agent.seed[0] = u32[(at + ROW.seed) / 4]
  agent.seed[1] = u32[(at + ROW.seed) / 4 + 1]
  agent.acted = (u32[(at + ROW.flags) / 4] & HAS_ACTED) !== 0
  agent.action = u32[(at + ROW.lastAction) / 4]
  const state = (at + ROW.state) / 8
  for (let i = 0; i < agent.state.length; i++) agent.state[i] = f64[state + i]
  if (agent.action * model.numControls.length >= model.jointActions.length) return ROW_POISONED
  if (!isSound(scratch)) return ROW_POISONED
  let softAt = layout.soft / 8 + row * scratch.slotShape.outcomes
  for (let m = 0; m < model.numObs.length; m++) {
    const seen = i32[layout.obs / 4 + m * rows + row]
    agent.observation[m] = seen
    if (seen === SEEN_SOFTLY) {
      if (extras?.soft !== true || scratch.messagePassing !== null) return ROW_BAD_OBSERVATION
      const soft = agent.soft[m]
      for (let o = 0; o < soft.length; o++) soft[o] = f64[softAt + o]
      if (!isDistribution(soft)) return ROW_BAD_OBSERVATION
    } else if (seen < NOT_SEEN || seen >= model.numObs[m]) return ROW_BAD_OBSERVATION
    softAt += model.numObs[m]
  }
  return ROW_OK
}

function writeAgent({ scratch }: StepTask, { layout, rowBytes, u32, f64 }: OpenSlot, row: number): void {
  const { agent } = scratch
  const at = layout.rows + row * rowBytes
  const steps = agent.step + 1
  u32[(at + ROW.step) / 4] = steps >>> 0
  u32[(at + ROW.step) / 4 + 1] = highWord(steps)
  u32[(at + ROW.lastAction) / 4] = agent.action
  u32[(at + ROW.flags) / 4] |= HAS_ACTED
  const state = (at + ROW.state) / 8
  for (let i = 0; i < agent.state.length; i++) f64[state + i] = agent.state[i]
}

function writeOutputs(
  { model, scratch, rows, want }: StepTask,
  { layout, i32, f64 }: OpenSlot,
  row: number,
): void {
  const controls = model.numControls.length
  i32[layout.notes / 4 + row] = scratch.notes
  for (let c = 0; c < controls; c++) {
    i32[layout.actions / 4 + c * rows + row] = model.jointActions[scratch.agent.action * controls + c]
    f64[layout.margin / 8 + c * rows + row] = scratch.margin[c]
  }
  f64[layout.iterations / 8 + row] = scratch.iterations
  const { policies } = model
  if (want.qPi) f64.set(scratch.qPi, layout.qPi / 8 + row * policies)
  if (want.G) f64.set(scratch.G, layout.G / 8 + row * policies)
  if (want.terms) f64.set(scratch.terms, layout.terms / 8 + row * scratch.terms.length)
  if (want.vfe) f64[layout.vfe / 8 + row] = scratch.vfe
}

/** A slot is used again and again: a row that failed must not show what another job left there. */
function clearOutputs(
  { model, rows, scratch, extras }: StepTask,
  { layout, i32, f64 }: OpenSlot,
  row: number,
): void {
  i32[layout.notes / 4 + row] = 0
  for (let c = 0; c < model.numControls.length; c++) {
    i32[layout.actions / 4 + c * rows + row] = 0
    f64[layout.margin / 8 + c * rows + row] = 0
  }
  const { policies } = model
  const terms = scratch.terms.length
  f64.fill(0, layout.qPi / 8 + row * policies, layout.qPi / 8 + (row + 1) * policies)
  f64.fill(0, layout.G / 8 + row * policies, layout.G / 8 + (row + 1) * policies)
  f64[layout.vfe / 8 + row] = 0
  f64[layout.iterations / 8 + row] = 0
  if (extras?.terms) f64.fill(0, layout.terms / 8 + row * terms, layout.terms / 8 + (row + 1) * terms)
}
