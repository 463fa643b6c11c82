// A model and a slot in a memory of their own: for whoever steps agents without an arena and threads.
import { compileModel } from '../model/compile.js'
import { type CompiledModel, mapModel } from '../model/compiled.js'
import { describeModel } from '../model/describe.js'
import { alignTo64 } from '../model/layout.js'
import type { ValidModel } from '../model/valid-model.js'
import { makeScratch, type Scratch } from '../scratch.js'
import { type SlotExtras, slotLayout, type SlotLayout, slotShape } from '../slot.js'
import { KERNEL_FREE, kernelMemory, type KernelName, kernelOf, Kernels } from './kernels.js'
import { stepRows, type Wanted } from './reference.js'
import type { KernelMemory, StepTasks } from './wasm.js'

export interface OwnSlot {
  readonly model: CompiledModel
  /** The memory, and where in it the slot begins. */
  readonly buffer: ArrayBufferLike
  readonly slot: number
  readonly layout: SlotLayout
  /** Of the reference kernel, and of what only it computes. */
  readonly scratch: Scratch
  /** Which kernel steps it. */
  readonly kernel: KernelName
  step(want: Wanted): void
}

export interface OwnSlotOptions {
  readonly rows: number
  readonly extras: SlotExtras
  /** That kernel whatever the model. */
  readonly only?: 'reference'
  /** Other code than ours for the batched kernel's tasks, over this memory. */
  readonly code?: (memory: KernelMemory) => StepTasks
}

/** Expected steps are −1, which is any. */
export function ownSlot(valid: ValidModel, { rows, extras, only, code }: OwnSlotOptions): OwnSlot {
  const bytes = compileModel(valid)
  const layout = slotLayout(slotShape(describeModel(valid), extras), rows)
  const slot = KERNEL_FREE + alignTo64(bytes.length)
  const memory = kernelMemory(slot + layout.bytes - KERNEL_FREE)
  const { buffer } = memory
  new Uint8Array(buffer).set(bytes, KERNEL_FREE)
  new Float64Array(buffer, slot + layout.expectedStep, rows).fill(-1)
  const model = mapModel(buffer, KERNEL_FREE)
  const scratch = makeScratch(model)
  const kernels = Kernels.in(memory, code?.(memory))
  const task = { model, buffer, slot, rows, from: 0, to: rows, extras, scratch }
  return {
    model,
    buffer,
    slot,
    layout,
    scratch,
    kernel: only ?? kernelOf(model),
    step: (want) =>
      only === 'reference' ? stepRows({ ...task, want }) : kernels.stepRows({ ...task, want }),
  }
}
