// leg: compute. Steps the rows of a slot a tile of agents at a time, in WebAssembly: the batched kernel.
import { CohortError } from '@cohort/contracts'
import { slotLayout, slotShapeOf } from '../slot.js'
import { KERNEL, SINGLE_KERNEL } from './binary.js'
import type { StepTask } from './reference.js'
import * as W from './words.js'

/** A `WebAssembly.Memory`, as far as it is used here (TypeScript declares it only with the DOM). */
export interface KernelMemory {
  readonly buffer: ArrayBufferLike
}

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: { env: { memory: KernelMemory } }) => { exports: unknown }
}

/** Memory that threads share; where the one thread's own `KERNEL_SCRATCH_BYTES` begin, a multiple of 64. */
export interface KernelPlace {
  readonly memory: KernelMemory
  readonly scratch: number
}

/** Steps the rows of the task that stands where the scratch begins. */
export type StepTasks = (scratch: number) => void

/** One thread's instance. It reads and writes nothing but the slot, the model, and its own scratch. */
export class BatchedKernel {
  readonly #place: KernelPlace
  readonly #stepRows: StepTasks
  #words: Uint32Array

  /** `stepRows`: that of `instantiate`; a benchmark has other code over the same memory. */
  constructor(place: KernelPlace, stepRows: StepTasks) {
    this.#place = place
    this.#stepRows = stepRows
    this.#words = this.#view()
  }

  /** The same task as the reference kernel's, of a model with a program in the memory of this kernel. */
  stepRows({ model, slot, rows, from, to, want, extras }: Omit<StepTask, 'buffer' | 'scratch'>): void {
    if (model.program === 0) throw new CohortError('internal', 'the batched kernel does not cover this model')
    const layout = slotLayout(slotShapeOf(model, extras), rows)
    // The memory may have grown: its buffer is then another one.
    if (this.#words.buffer !== this.#place.memory.buffer) this.#words = this.#view()
    const words = this.#words
    words[W.TASK_MODEL] = model.offset
    words[W.TASK_PROGRAM] = model.offset + model.program
    words[W.TASK_ROWS] = slot + layout.rows
    words[W.TASK_COUNT] = rows
    words[W.TASK_FROM] = from
    words[W.TASK_TO] = to
    words[W.TASK_ERRORS] = slot + layout.errors
    words[W.TASK_NOTES] = slot + layout.notes
    words[W.TASK_ACTIONS] = slot + layout.actions
    words[W.TASK_EXPECTED_STEP] = slot + layout.expectedStep
    words[W.TASK_OBSERVATIONS] = slot + layout.obs
    words[W.TASK_SOFT] = extras?.soft === true ? slot + layout.soft : 0
    words[W.TASK_Q_PI] = want.qPi ? slot + layout.qPi : 0
    words[W.TASK_G] = want.G ? slot + layout.G : 0
    words[W.TASK_ITERATIONS] = slot + layout.iterations
    words[W.TASK_MARGIN] = slot + layout.margin
    this.#stepRows(this.#place.scratch)
  }

  #view(): Uint32Array {
    return new Uint32Array(this.#place.memory.buffer, this.#place.scratch, W.TASK_WORDS)
  }
}

/** The kernel of one precision, over a memory. */
export function instantiate(
  { memory }: Pick<KernelPlace, 'memory'>,
  precision: 'double' | 'single',
): StepTasks {
  const code = precision === 'double' ? KERNEL : SINGLE_KERNEL
  const module = new WebAssembly.Module(Uint8Array.from(atob(code), (sign) => sign.charCodeAt(0)))
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  return (exports as { readonly stepRows: StepTasks }).stepRows
}
