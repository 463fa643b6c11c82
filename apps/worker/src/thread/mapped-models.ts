// The models that a compute thread has views of, each with the thread's own scratch. Used by leg compute.
import type { MatrixHandle, SharedMemory } from '@cohort/cache'
import { type CompiledModel, makeScratch, mapModel, type Scratch, threadBytes } from '@cohort/inference'

/**
 * What a thread keeps of models: those used last are. A scratch is some KB, for a model of many policies some MB, and
 * one alone may be as large as the limit of a model, which an operator may set above this: it is kept by itself.
 */
const MOST_BYTES = 256 * 1024 * 1024
/** Views and small tables of a model, beside its arrays. */
const TABLES_BYTES = 64 * 1024

export interface MappedModel {
  readonly model: CompiledModel
  readonly scratch: Scratch
}

interface Entry extends MappedModel {
  readonly serial: number
  readonly bytes: number
}

/** Mapping and scratch cost some hundred µs, so they are kept between tasks; the handle says what is still the same. */
export class MappedModels {
  readonly #memory: SharedMemory
  readonly #mostBytes: number
  #buffer: SharedArrayBuffer
  /** By offset, in the order of their last use. */
  readonly #mapped = new Map<number, Entry>()
  #bytes = 0

  constructor(memory: SharedMemory, mostBytes: number = MOST_BYTES) {
    this.#memory = memory
    this.#mostBytes = mostBytes
    this.#buffer = memory.buffer
  }

  /** The shared memory as it is now: when it has grown it is a longer buffer, and what was mapped is mapped anew. */
  buffer(): SharedArrayBuffer {
    const { buffer } = this.#memory
    if (buffer !== this.#buffer) {
      this.#buffer = buffer
      this.#mapped.clear()
      this.#bytes = 0
    }
    return buffer
  }

  /** A serial never comes again: another one at the same offset is another model, and the old views are dropped. */
  at({ offset, serial }: MatrixHandle): MappedModel {
    const buffer = this.buffer()
    const known = this.#mapped.get(offset)
    this.#drop(offset)
    if (known?.serial === serial) return this.#keep(offset, known)
    const model = mapModel(buffer, offset)
    const bytes = TABLES_BYTES + threadBytes(model)
    // Before the new scratch is made, so that there is never more than this.
    for (const oldest of this.#mapped.keys()) if (this.#bytes + bytes > this.#mostBytes) this.#drop(oldest)
    return this.#keep(offset, { model, scratch: makeScratch(model), serial, bytes })
  }

  /** As the one used last. */
  #keep(offset: number, entry: Entry): Entry {
    this.#mapped.set(offset, entry)
    this.#bytes += entry.bytes
    return entry
  }

  #drop(offset: number): void {
    this.#bytes -= this.#mapped.get(offset)?.bytes ?? 0
    this.#mapped.delete(offset)
  }
}
