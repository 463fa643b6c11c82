// Waiting for room in a region, first come first served. Used by slots.ts and matrix-cache.ts
import type { Region } from './region.js'

interface Waiter {
  /** 0 for one that only waits for its turn. */
  readonly bytes: number
  readonly resolve: (offset: number) => void
  readonly reject: (reason: unknown) => void
}

/**
 * While one waits nobody overtakes it, so a large request is not starved by small ones. The queue is as long
 * as its callers are many: a worker takes a bounded number of jobs at once, and each asks for one thing at a
 * time.
 */
export class Room {
  readonly #region: Region
  readonly #reclaim: (bytes: number) => boolean
  readonly #waiters: Waiter[] = []
  #waits = 0

  /** `reclaim` makes room for so many bytes (region.free, region.moveDown) and says whether it has changed anything. */
  constructor(region: Region, reclaim: (bytes: number) => boolean) {
    this.#region = region
    this.#reclaim = reclaim
  }

  /** How often somebody had to wait, since the start. */
  get waits(): number {
    return this.#waits
  }

  get waiting(): number {
    return this.#waiters.length
  }

  /**
   * The offset of so many bytes, when there is room. Rejects with arena_full at once if there never can be.
   */
  async acquire(bytes: number): Promise<number> {
    this.#region.mustFit(bytes)
    const offset = this.#waiters.length === 0 ? this.#take(bytes) : undefined
    return offset ?? this.#wait(bytes)
  }

  /** Resolves when all who wait now have been served. */
  async turn(): Promise<void> {
    if (this.#waiters.length > 0) await this.#wait(0)
  }

  /** Gives back what was acquired. */
  release(offset: number): void {
    this.#region.free(offset)
    this.serve()
  }

  /** To be called when something became free, or became something that `reclaim` may give up. */
  serve(): void {
    for (let first = this.#waiters[0]; first !== undefined; first = this.#waiters[0]) {
      if (!this.#serveOne(first)) return
      this.#waiters.shift()
    }
  }

  #wait(bytes: number): Promise<number> {
    this.#waits += 1
    return new Promise((resolve, reject) => this.#waiters.push({ bytes, resolve, reject }))
  }

  /** False while there is no room for it. */
  #serveOne({ bytes, resolve, reject }: Waiter): boolean {
    try {
      const offset = bytes === 0 ? 0 : this.#take(bytes)
      if (offset === undefined) return false
      resolve(offset)
    } catch (error) {
      reject(error)
    }
    return true
  }

  #take(bytes: number): number | undefined {
    for (;;) {
      const offset = this.#region.allocate(bytes)
      if (offset !== undefined || !this.#reclaim(bytes)) return offset
    }
  }
}
