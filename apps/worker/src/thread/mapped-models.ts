// The models that a compute thread has views of, each with the thread's own scratch. Used by leg compute.
import type { MatrixHandle, SharedMemory } from '@cohort/cache'
import { makeScratch, mapModel, type CompiledModel, type Scratch } from '@cohort/inference'

/** A scratch is some KB, for a model of many policies some MB: those used last are kept. */
const MOST_MODELS = 64

export interface MappedModel {
  readonly model: CompiledModel
  readonly scratch: Scratch
}

interface Entry extends MappedModel {
  readonly serial: number
}

/** Mapping and scratch cost some hundred µs, so they are kept between tasks; the handle says what is still the same. */
export class MappedModels {
  readonly #memory: SharedMemory
  #buffer: SharedArrayBuffer
  /** By offset, in the order of their last use. */
  readonly #mapped = new Map<number, Entry>()

  constructor(memory: SharedMemory) {
    this.#memory = memory
    this.#buffer = memory.buffer
  }

  /** The shared memory as it is now: when it has grown it is a longer buffer, and what was mapped is mapped anew. */
  buffer(): SharedArrayBuffer {
    const { buffer } = this.#memory
    if (buffer !== this.#buffer) {
      this.#buffer = buffer
      this.#mapped.clear()
    }
    return buffer
  }

  /** A serial never comes again: another one at the same offset is another model, and the old views are dropped. */
  at({ offset, serial }: MatrixHandle): MappedModel {
    const buffer = this.buffer()
    const known = this.#mapped.get(offset)
    const entry = known?.serial === serial ? known : map(buffer, offset, serial)
    this.#mapped.delete(offset)
    this.#mapped.set(offset, entry)
    const [oldest] = this.#mapped.keys()
    if (this.#mapped.size > MOST_MODELS && oldest !== undefined) this.#mapped.delete(oldest)
    return entry
  }
}

function map(buffer: SharedArrayBuffer, offset: number, serial: number): Entry {
  const model = mapModel(buffer, offset)
  return { model, scratch: makeScratch(model), serial }
}
