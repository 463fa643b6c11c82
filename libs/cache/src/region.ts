// Who owns which bytes of one stretch of the arena: a first-fit free list. Used by room.ts
import { CohortError } from '@cohort/contracts'

/** A cache line: no two owners share one. */
export const ALIGNMENT = 64

interface Range {
  from: number
  to: number
}

/** How far the memory reaches after it was asked to reach further, and why no further. */
export interface Committed {
  readonly end: number
  readonly refusal?: unknown
}

/**
 * A stretch of bytes that is lent out in pieces. Invariants, after every call:
 *
 * - each byte of the stretch is in exactly one free range or in exactly one piece that is lent out;
 * - free ranges ascend and no two touch: those that meet are joined, so with nothing lent out there is one;
 * - every border is a multiple of 64.
 *
 * Where the system refuses memory the region is full for now: what is lent comes back and makes room below.
 *
 * Only the main thread calls it, so nothing here is atomic: threads are told offsets and never look for them.
 */
export class Region {
  readonly capacity: number
  readonly #from: number
  readonly #commit: (end: number) => Committed
  readonly #free: Range[]
  readonly #lent = new Map<number, number>()
  #bytesInUse = 0

  /** `from` and `to` are multiples of 64. `commit(end)` makes sure, if it can, that the memory exists up to `end`. */
  constructor(from: number, to: number, commit: (end: number) => Committed) {
    this.#commit = commit
    this.#free = [{ from, to }]
    this.#from = from
    this.capacity = to - from
  }

  get bytesInUse(): number {
    return this.#bytesInUse
  }

  get freeRanges(): readonly Readonly<Range>[] {
    return this.#free
  }

  /** Throws CohortError arena_full for what would not fit even if nothing were lent out. */
  mustFit(bytes: number): void {
    if (!Number.isSafeInteger(bytes) || bytes <= 0)
      throw new CohortError('internal', `asked for ${bytes} bytes of the arena`)
    if (bytes > this.capacity) {
      throw new CohortError(
        'arena_full',
        `${bytes} bytes can never fit in the ${this.capacity} that are kept for this`,
      )
    }
  }

  /**
   * The offset of `bytes` bytes (rounded up to 64), the lowest that is free; undefined when they do not fit
   * just now. What they hold is left from their last owner. Throws arena_full when they never fit, also because the
   * system refuses the memory.
   */
  allocate(bytes: number): number | undefined {
    this.mustFit(bytes)
    const size = roundUp(bytes)
    const at = this.#free.findIndex((range) => range.to - range.from >= size)
    const range = this.#free[at]
    if (range === undefined) return undefined
    const offset = range.from
    const { end, refusal } = this.#commit(offset + size)
    // What is free above lies higher still.
    if (end < offset + size) return this.#notGranted(size, end - this.#from, refusal)
    range.from += size
    if (range.from === range.to) this.#free.splice(at, 1)
    this.#lent.set(offset, size)
    this.#bytesInUse += size
    return offset
  }

  /** Gives back what `allocate` lent, once. */
  free(offset: number): void {
    const size = this.#lent.get(offset)
    if (size === undefined)
      throw new CohortError('internal', `offset ${offset} of the arena was freed but is not lent out`)
    this.#lent.delete(offset)
    this.#bytesInUse -= size
    this.#join({ from: offset, to: offset + size })
  }

  /** Moves what was lent to the beginning of the gap before it, where there is one; returns where it is now. */
  moveDown(offset: number): number {
    const size = this.#lent.get(offset)
    const gap = this.#free.findIndex((range) => range.to === offset)
    const range = this.#free[gap]
    if (size === undefined || range === undefined)
      throw new CohortError('internal', `offset ${offset} of the arena has no gap before it`)
    const to = range.from
    this.#free.splice(gap, 1)
    this.#lent.delete(offset)
    this.#lent.set(to, size)
    this.#join({ from: to + size, to: offset + size })
    return to
  }

  /** In the order of their places: gaps, and what is lent out. */
  pieces(): { readonly offset: number; readonly bytes: number; readonly free: boolean }[] {
    const free = this.#free.map(({ from, to }) => ({ offset: from, bytes: to - from, free: true }))
    const lent = [...this.#lent].map(([offset, bytes]) => ({ offset, bytes, free: false }))
    return [...free, ...lent].sort((one, other) => one.offset - other.offset)
  }

  #notGranted(size: number, granted: number, cause: unknown): undefined {
    if (size <= granted) return
    throw new CohortError(
      'arena_full',
      `${size} bytes do not fit in the ${Math.max(0, granted)} that the system grants`,
      { cause },
    )
  }

  #join(freed: Range): void {
    const next = this.#indexAfter(freed.from)
    const before = this.#free[next - 1]
    const after = this.#free[next]
    const meetsBefore = before?.to === freed.from
    const meetsAfter = after?.from === freed.to
    const from = before !== undefined && meetsBefore ? before.from : freed.from
    const to = after !== undefined && meetsAfter ? after.to : freed.to
    this.#free.splice(next - Number(meetsBefore), Number(meetsBefore) + Number(meetsAfter), { from, to })
  }

  /** Index of the first free range above `offset`. */
  #indexAfter(offset: number): number {
    const index = this.#free.findIndex((range) => range.from > offset)
    return index === -1 ? this.#free.length : index
  }
}

export const roundUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
