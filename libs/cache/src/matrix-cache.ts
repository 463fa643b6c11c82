// leg: load. Keeps each compiled model in the arena once per process and lends it to jobs. Next: room.ts
import { CohortError } from '@cohort/contracts'
import type { Arena } from './arena.js'
import { Room } from './room.js'

/**
 * Where a model is. Numbers only: it travels in every task. A `serial` belongs to one stay at one offset and
 * never comes again, so a thread that mapped the offset earlier sees that something else is there now.
 */
export interface MatrixHandle {
  readonly offset: number
  readonly bytes: number
  readonly serial: number
}

/**
 * What a load brings: the bytes that go into the arena, and what the caller wants to know with each lease.
 */
export interface Loaded<T> {
  readonly bytes: Uint8Array
  readonly info: T
}

export interface Lease<T> {
  readonly handle: MatrixHandle
  readonly info: T
  /** Once. The bytes may be gone directly afterwards. */
  release(): void
}

/** Since the start; `bytes` and `entries` now. A lease that waits for another’s load is a hit. */
export interface CacheCounters {
  readonly hits: number
  readonly misses: number
  readonly evictions: number
  readonly bytes: number
  readonly entries: number
}

interface Content<T> {
  readonly handle: MatrixHandle
  readonly info: T
}

interface Entry<T> {
  /**
   * Granted and promised: counted from the moment a lease is asked for, so that nothing is evicted under it.
   */
  leases: number
  /** Undefined while it is loaded. */
  content: Content<T> | undefined
  ready: Promise<Content<T>>
}

/**
 * Loaded at most once at a time per id, never evicted while leased; the least recently leased of the others
 * are given up when room is needed. A caller holds at most one lease: who waits for room must hold nothing
 * here.
 */
export class MatrixCache<T> {
  readonly #arena: Arena
  readonly #room: Room
  /** Least recently leased first. */
  readonly #entries = new Map<string, Entry<T>>()
  #serial = 0
  #hits = 0
  #misses = 0
  #evictions = 0

  constructor(arena: Arena) {
    this.#arena = arena
    this.#room = new Room(arena.matrices, () => this.#evictOldest())
  }

  get counters(): CacheCounters {
    const { bytesInUse: bytes } = this.#arena.matrices
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      bytes,
      entries: this.#entries.size,
    }
  }

  /**
   * The model, loaded by `load` if it is not here. Waits while there is no room; arena_full if it can never
   * fit. A load that fails reaches all who wait for it and is not remembered: the next lease loads again.
   */
  async lease(modelId: string, load: () => Promise<Loaded<T>>): Promise<Lease<T>> {
    // One that waits for room goes before those that are here: hot ones would else be leased for ever and
    // never give way.
    if (this.#entries.get(modelId)?.content !== undefined) await this.#room.turn()
    const entry = this.#entries.get(modelId) ?? this.#begin(modelId, load)
    entry.leases += 1
    if (entry.leases > 1 || entry.content !== undefined) this.#hits += 1
    const { handle, info } = entry.content ?? (await entry.ready)
    this.#entries.delete(modelId)
    this.#entries.set(modelId, entry)
    return { handle, info, release: once(() => this.#release(entry)) }
  }

  #begin(modelId: string, load: () => Promise<Loaded<T>>): Entry<T> {
    this.#misses += 1
    const { promise, resolve, reject } = Promise.withResolvers<Content<T>>()
    const entry: Entry<T> = { leases: 0, content: undefined, ready: promise }
    this.#entries.set(modelId, entry)
    this.#fill(entry, load).then(resolve, (error: unknown) => {
      this.#entries.delete(modelId)
      reject(error)
    })
    return entry
  }

  /**
   * Written before any task names the handle: posting the task is what makes the bytes visible to its thread.
   */
  async #fill(entry: Entry<T>, load: () => Promise<Loaded<T>>): Promise<Content<T>> {
    const { bytes, info } = await load()
    const offset = await this.#room.acquire(bytes.length)
    this.#arena.bytes(offset, bytes.length).set(bytes)
    this.#serial += 1
    entry.content = { handle: { offset, bytes: bytes.length, serial: this.#serial }, info }
    return entry.content
  }

  #release(entry: Entry<T>): void {
    entry.leases -= 1
    if (entry.leases === 0) this.#room.serve()
  }

  #evictOldest(): boolean {
    for (const [modelId, { leases, content }] of this.#entries) {
      if (leases > 0 || content === undefined) continue
      this.#entries.delete(modelId)
      this.#arena.matrices.free(content.handle.offset)
      this.#evictions += 1
      return true
    }
    return false
  }
}

function once(release: () => void): () => void {
  let released = false
  return () => {
    if (released) throw new CohortError('internal', 'a lease was released twice')
    released = true
    release()
  }
}
