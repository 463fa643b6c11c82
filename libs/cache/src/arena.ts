// One shared memory per process: slots at the bottom, matrices above. Next: region.ts
import { CohortError } from '@cohort/contracts'
import { ALIGNMENT, type Committed, Region, roundUp } from './region.js'

const PAGE = 65_536
const MOST_BYTES = 65_536 * PAGE

/** A shared `WebAssembly.Memory`, as far as it is used here (TypeScript declares it only with the DOM). */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
  grow(pages: number): number
}
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory
}

export interface ArenaBytes {
  readonly maxBytes: number
  readonly slotBytes?: number
  readonly scratchBytes?: number
}

/**
 * The bytes of a worker process: `[0, 64)` nobody's, so that 0 is never an offset; then `scratchBytes` for the
 * compute threads' own use, there from the beginning; then `slotBytes` for the slots of jobs; the rest for matrices.
 *
 * Two regions, so that no job waits for ever: a job takes its matrices first and its slot last, and who has a
 * slot waits for nothing. So all slots come back, and then all leases; either region empties by itself and
 * then holds whatever fits in it at all. In one common region jobs that hold matrices could wait for each
 * other's slots, and a matrix in the middle could keep a large slot out for good. The border costs addresses,
 * not memory: pages that nobody has written are not there.
 *
 * The memory starts small and grows when an offset is lent out that it does not reach yet. `memory.buffer` is
 * then a new, longer buffer: threads take it anew at each task, and views of the old one stay valid for the
 * old length.
 */
export class Arena {
  readonly memory: SharedMemory
  /** Where the compute threads' own bytes begin. */
  readonly scratch = ALIGNMENT
  readonly scratchBytes: number
  readonly slots: Region
  readonly matrices: Region
  readonly #maxBytes: number

  /**
   * `maxBytes`: at most 4 GiB, used in whole pages of 64 KiB. `slotBytes`: a quarter of them where left out.
   * `scratchBytes`: none where left out.
   * Throws CohortError configuration when they do not fit together or the system refuses to reserve the
   * addresses.
   */
  constructor({ maxBytes, slotBytes = Math.floor(maxBytes / 4), scratchBytes = 0 }: ArenaBytes) {
    this.scratchBytes = scratchBytes
    this.#maxBytes = Math.floor(maxBytes / PAGE) * PAGE
    const first = ALIGNMENT + roundUp(scratchBytes)
    const border = first + roundUp(slotBytes)
    if (!(maxBytes >= PAGE && maxBytes <= MOST_BYTES))
      throw unfit('maxBytes', maxBytes, `${PAGE} to ${MOST_BYTES}`)
    if (!(slotBytes > 0 && border < this.#maxBytes))
      throw unfit('slotBytes', slotBytes, `1 to less than ${this.#maxBytes}`)
    this.memory = reserve(this.#maxBytes)
    const commit = (end: number): Committed => this.#commit(end)
    this.slots = new Region(first, border, commit)
    this.matrices = new Region(border, this.#maxBytes, commit)
    commit(first)
  }

  get bytesInUse(): number {
    return this.slots.bytesInUse + this.matrices.bytesInUse
  }

  /** A view of bytes that the caller has been lent. */
  bytes(offset: number, length: number): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.memory.buffer, offset, length)
  }

  /**
   * Doubles rather than creeps: every growth makes all threads map their models again. Where the system refuses so
   * much, no more than must be.
   */
  #commit(end: number): Committed {
    const now = this.memory.buffer.byteLength
    if (end <= now) return { end: now }
    const refusal = this.#grow(Math.max(end, 2 * now)) && this.#grow(end)
    return { end: this.memory.buffer.byteLength, ...(refusal === undefined ? {} : { refusal }) }
  }

  /** Returns why not, where the system refuses. */
  #grow(target: number): unknown {
    const now = this.memory.buffer.byteLength
    try {
      this.memory.grow(Math.ceil((Math.min(this.#maxBytes, target) - now) / PAGE))
      return undefined
    } catch (refusal) {
      return refusal
    }
  }
}

function reserve(maxBytes: number): SharedMemory {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: maxBytes / PAGE, shared: true })
  } catch (cause) {
    throw new CohortError(
      'configuration',
      `The system refused to reserve ${maxBytes} bytes of addresses for the arena`,
      { cause },
    )
  }
}

const unfit = (path: string, got: number, expected: string): CohortError =>
  new CohortError('configuration', `The arena’s ${path} must be ${expected}, got ${got}`, {
    errors: [{ path, message: 'out of range', got, expected }],
  })
