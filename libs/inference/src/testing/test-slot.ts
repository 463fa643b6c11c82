// For tests: a slot of agents of one model, stepped with observations that a seed decides.
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import { stepRows, type Wanted } from '../kernel/reference.js'
import { compileModel } from '../model/compile.js'
import { mapModel } from '../model/compiled.js'
import { describeModel } from '../model/describe.js'
import { validateModel } from '../model/check/validate.js'
import { writeInitialRows } from '../row/write.js'
import { makeScratch } from '../scratch.js'
import { type SlotExtras, slotLayout, slotShape } from '../slot.js'
import { numbers, onlyRead } from './models.js'

const WANT_ALL: Wanted = { qPi: true, G: true, vfe: true, terms: true }
const ALL_EXTRAS: SlotExtras = { soft: true, terms: true }

/** Model, without counts that nothing reads, and slot in one buffer, both somewhere after its beginning. */
export function openTestSlot(model: Model, rows: number, gap = 0) {
  const valid = validateModel(onlyRead(model), DEFAULT_LIMITS)
  const info = describeModel(valid)
  const layout = slotLayout(slotShape(info, ALL_EXTRAS), rows)
  const modelAt = 64 * (1 + gap)
  const bytes = compileModel(valid)
  const slot = modelAt + bytes.length + 64 * gap
  const buffer = new SharedArrayBuffer(slot + layout.bytes)
  new Uint8Array(buffer).set(bytes, modelAt)
  const compiled = mapModel(buffer, modelAt)
  const scratch = makeScratch(compiled)
  const rowsIn = new Uint8Array(buffer, slot + layout.rows, rows * info.rowBytes)
  const expectedStep = new Float64Array(buffer, slot + layout.expectedStep, rows).fill(-1)
  const obs = new Int32Array(buffer, slot + layout.obs, rows * info.shapes.numObs.length)
  const errors = new Int32Array(buffer, slot + layout.errors, rows)
  const actions = new Int32Array(buffer, slot + layout.actions, rows * info.shapes.numControls.length)
  const column = (at: number, entries: number) => new Float64Array(buffer, slot + at, rows * entries)
  const task = {
    model: compiled,
    buffer,
    slot,
    rows,
    from: 0,
    to: rows,
    scratch,
    want: WANT_ALL,
    extras: ALL_EXTRAS,
  }
  writeInitialRows({ model: valid, seed: 7, from: 0, out: rowsIn })
  return {
    valid,
    info,
    layout,
    compiled,
    task,
    scratch,
    buffer,
    at: slot,
    rows,
    rowsIn,
    expectedStep,
    obs,
    errors,
    actions,
    qPi: column(layout.qPi, info.policies),
    G: column(layout.G, info.policies),
    vfe: column(layout.vfe, 1),
    /** The bytes of one row. */
    row: (row: number) => rowsIn.subarray(row * info.rowBytes, (row + 1) * info.rowBytes),
    observe: (row: number, seen: readonly number[]) =>
      seen.forEach((outcome, m) => (obs[m * rows + row] = outcome)),
    step: (from = 0, to = rows, want: Wanted = WANT_ALL) => stepRows({ ...task, from, to, want }),
  }
}

export type TestSlot = ReturnType<typeof openTestSlot>

/** What agent `agent` sees at tick `tick`: any outcome, now and then nothing. */
export function seenBy(numObs: readonly number[], agent: number, tick: number): number[] {
  const random = numbers(1000 * tick + agent)
  return numObs
    .map((outcomes) => Math.floor(random() * (outcomes + 0.5)) % (outcomes + 1))
    .map((o, m) => (o === numObs[m] ? -1 : o))
}

/** All that a step leaves of one row. */
export function outcomeOf(slot: TestSlot, row: number) {
  const { rows, actions, errors, qPi, G, vfe, info } = slot
  const { policies } = info
  return {
    row: [...slot.row(row)].join(),
    error: errors[row],
    action: info.shapes.numControls.map((_, c) => actions[c * rows + row]),
    qPi: [...qPi.subarray(row * policies, (row + 1) * policies)],
    G: [...G.subarray(row * policies, (row + 1) * policies)],
    vfe: vfe[row],
  }
}
