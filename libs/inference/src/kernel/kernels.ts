// leg: compute. Steps the rows of a slot by the kernel that covers their model: the batched one where it can.
import type { CompiledModel } from '../model/compiled.js'
import { slotLayout, slotShapeOf } from '../slot.js'
import { KERNEL_SCRATCH_BYTES } from './program/build.js'
import { stepRows, type StepTask, writeFreeEnergies } from './reference.js'
import { BatchedKernel, instantiate, type KernelMemory, type KernelPlace, type StepTasks } from './wasm.js'

/**
 * Kept in the header of every block that these kernels wrote: another number may differ in the last bits. Which of the
 * two steps a model is decided by the model alone, so that rows are the same bytes wherever they step.
 */
export const NUMERICS = 3

export type KernelName = 'wasm' | 'reference'

export const kernelOf = ({ program }: CompiledModel): KernelName => (program === 0 ? 'reference' : 'wasm')

declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => KernelMemory
}

const PAGE = 65_536

/** For who has no arena: a memory that holds a kernel's scratch, at byte 64, and `bytes` from `KERNEL_FREE` on. */
export function kernelMemory(bytes: number): KernelMemory {
  const pages = Math.ceil((KERNEL_FREE + bytes) / PAGE)
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
}

const SCRATCH_AT = 64
/** The first byte that is the caller's own in such a memory. */
export const KERNEL_FREE = SCRATCH_AT + KERNEL_SCRATCH_BYTES

/** Both kernels of one thread. Models and slots lie in the memory of the batched one. */
export class Kernels {
  readonly #place: KernelPlace
  readonly #double: BatchedKernel
  /** Made when a model asks for it. */
  #single: BatchedKernel | undefined

  /** `code`: other code than ours for models in double precision. */
  constructor(place: KernelPlace, code?: StepTasks) {
    this.#place = place
    this.#double = new BatchedKernel(place, code ?? instantiate(place, 'double'))
  }

  /** In a memory made by `kernelMemory`. */
  static in(memory: KernelMemory, code?: StepTasks): Kernels {
    return new Kernels({ memory, scratch: SCRATCH_AT }, code)
  }

  /** See `stepRows` of reference.ts. */
  stepRows(task: StepTask): void {
    if (kernelOf(task.model) === 'reference') return stepRows(task)
    if (task.want.terms) diagnose(task)
    else if (task.want.vfe) writeFreeEnergies(task)
    this.#batchedFor(task.model).stepRows(task)
  }

  #batchedFor({ options }: CompiledModel): BatchedKernel {
    if (options.precision === 'double') return this.#double
    this.#single ??= new BatchedKernel(this.#place, instantiate(this.#place, 'single'))
    return this.#single
  }
}

/**
 * The parts of G cost more than the step itself and are rarely wanted: the reference kernel makes them, and the free
 * energy with them, on rows that are put back as they were before the batched kernel steps them.
 */
function diagnose(task: StepTask): void {
  const { model, buffer, slot, rows, from, to, want, extras } = task
  const shape = slotShapeOf(model, extras)
  const at = slot + slotLayout(shape, rows).rows + from * shape.rowBytes
  const live = new Uint8Array(buffer, at, (to - from) * shape.rowBytes)
  const before = live.slice()
  stepRows({ ...task, want: { ...want, qPi: false, G: false } })
  live.set(before)
}
