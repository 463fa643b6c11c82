// leg: load. Keeps each compiled model in the arena once per process and lends it to jobs. Next: room.ts
import { CohortError } from '@cohort/contracts'
import type { Arena } from './arena.js'
import { entriesBetweenGaps, type Piece } from './closing-gaps.js'
import { Popularity } from './popularity.js'
import { roundUp } from './region.js'
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
  /** Leases that had to wait for room, or for others who waited for it first. */
  readonly waits: number
  /** Bytes that were moved so that gaps became one. */
  readonly movedBytes: number
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
  /** How many leases of the whole cache there had been when this one was asked for last. */
  lastLease: number
  /** Undefined while it is loaded. */
  content: Content<T> | undefined
  ready: Promise<Content<T>>
}

/** What closing gaps may move at once, on the main thread: a few milliseconds. */
const MOST_MOVED_BYTES = 16 * 2 ** 20

/**
 * Where gaps cannot be closed, models are given up for so small a part of what is asked for at a time, at least one:
 * few more than must be, in few rounds, each of which looks at all models.
 */
const MOST_BITES = 32

/** Who was not leased for so many leases per model that is here is stale: what was popular once must make room. */
const STALE_AFTER = 16

/**
 * Loaded at most once at a time per id, never evicted while leased; when room is needed those are given up that were
 * leased least often of late, first those that were not leased for long, then the one that came last: so what passes
 * through once does not push out what is used again and again, nor do more models in turn than fit push out each other.
 * A caller holds at most one lease: who waits for room must hold nothing here.
 */
export class MatrixCache<T> {
  readonly #arena: Arena
  readonly #room: Room
  readonly #popularity = new Popularity()
  /** In the order in which they came. */
  readonly #entries = new Map<string, Entry<T>>()
  #serial = 0
  #hits = 0
  #misses = 0
  #evictions = 0
  #movedBytes = 0

  constructor(arena: Arena) {
    this.#arena = arena
    this.#room = new Room(arena.matrices, (bytes) => this.#makeRoom(bytes))
  }

  get counters(): CacheCounters {
    const { bytesInUse: bytes } = this.#arena.matrices
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      waits: this.#room.waits,
      movedBytes: this.#movedBytes,
      bytes,
      entries: this.#entries.size,
    }
  }

  /**
   * The model, loaded by `load` if it is not here. Waits while there is no room; arena_full if it can never
   * fit. A load that fails reaches all who wait for it and is not remembered: the next lease loads again.
   */
  async lease(modelId: string, load: () => Promise<Loaded<T>>): Promise<Lease<T>> {
    this.#popularity.count(modelId)
    // One that waits for room goes before those that are here: hot ones would else be leased for ever and
    // never give way.
    if (this.#entries.get(modelId)?.content !== undefined) await this.#room.turn()
    const entry = this.#entries.get(modelId) ?? this.#begin(modelId, load)
    entry.leases += 1
    entry.lastLease = this.#hits + this.#misses
    if (entry.leases > 1 || entry.content !== undefined) this.#hits += 1
    const { handle, info } = entry.content ?? (await entry.ready)
    return { handle, info, release: once(() => this.#release(entry)) }
  }

  #begin(modelId: string, load: () => Promise<Loaded<T>>): Entry<T> {
    this.#misses += 1
    const { promise, resolve, reject } = Promise.withResolvers<Content<T>>()
    const entry: Entry<T> = { leases: 0, lastLease: 0, content: undefined, ready: promise }
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

  /**
   * Gives up models while too few bytes are free; then closes gaps, and gives up more where that is too much to move.
   * False where there is nothing left to do.
   */
  #makeRoom(bytes: number): boolean {
    const { matrices } = this.#arena
    const missing = roundUp(bytes) - (matrices.capacity - matrices.bytesInUse)
    if (missing > 0) return this.#evict(missing)
    return this.#closeGaps(bytes) || this.#evict(bytes / MOST_BITES)
  }

  /** Idle models until they are so many bytes in sum, the least worth first; all in one sweep, for they may be many. */
  #evict(bytes: number): boolean {
    const stale = this.#hits + this.#misses - STALE_AFTER * this.#entries.size
    const idle: { modelId: string; handle: MatrixHandle; worth: number }[] = []
    for (const [modelId, { leases, lastLease, content }] of this.#entries) {
      if (leases > 0 || content === undefined) continue
      // Stale ones before all others, and of them the one that waits longest.
      const worth = lastLease < stale ? lastLease - stale : this.#popularity.of(modelId)
      idle.push({ modelId, handle: content.handle, worth })
    }
    // Of those that are worth the same, the one that came last.
    idle.reverse().sort((one, other) => one.worth - other.worth)
    let given = 0
    for (const { modelId, handle } of idle) {
      if (given >= bytes) break
      this.#entries.delete(modelId)
      this.#arena.matrices.free(handle.offset)
      this.#evictions += 1
      given += roundUp(handle.bytes)
    }
    return given > 0
  }

  /** Who has no lease is read by nobody, and can be moved. Each gets a serial that is new, since its place is. */
  #closeGaps(bytes: number): boolean {
    const { matrices } = this.#arena
    const idle = new Map<number, Entry<T>>()
    for (const entry of this.#entries.values())
      if (entry.leases === 0 && entry.content !== undefined) idle.set(entry.content.handle.offset, entry)
    const pieces = matrices.pieces().map(({ offset, bytes: size, free }): Piece<Entry<T>> => {
      const entry = idle.get(offset)
      if (free) return { kind: 'free', bytes: size }
      return entry === undefined ? { kind: 'used' } : { kind: 'idle', bytes: size, entry }
    })
    const moved = entriesBetweenGaps(pieces, { bytes: roundUp(bytes), mostMoved: MOST_MOVED_BYTES })
    for (const entry of moved ?? []) this.#move(entry)
    return moved !== undefined && moved.length > 0
  }

  #move(entry: Entry<T>): void {
    if (entry.content === undefined) return
    const { handle, info } = entry.content
    const offset = this.#arena.matrices.moveDown(handle.offset)
    new Uint8Array(this.#arena.memory.buffer).copyWithin(offset, handle.offset, handle.offset + handle.bytes)
    this.#serial += 1
    this.#movedBytes += handle.bytes
    entry.content = { handle: { ...handle, offset, serial: this.#serial }, info }
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
