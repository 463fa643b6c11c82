// Where a shared structure lies: on cache lines of its own, refused otherwise. Used by the files beside it
import { CohortError } from '@cohort/contracts'

/** Bytes of a cache line: what two threads write is never on the same one. */
export const LINE = 64

/** All zeros is the first state of every structure here, so fresh memory needs no beginning. */
export interface Place {
  readonly buffer: SharedArrayBuffer
  /** In bytes, a multiple of 64. */
  readonly offset: number
}

export const wholeLines = (bytes: number): number => Math.ceil(bytes / LINE) * LINE

/** Throws CohortError internal where `bytes` do not lie whole and on lines of their own at that place. */
export function mustLie({ buffer, offset }: Place, bytes: number): void {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset % LINE !== 0)
    throw new CohortError(
      'internal',
      `a shared structure cannot begin at byte ${offset}: not a multiple of ${LINE}`,
    )
  if (offset + bytes > buffer.byteLength) {
    const room = `${buffer.byteLength} bytes of shared memory`
    throw new CohortError('internal', `a shared structure of ${bytes} bytes at ${offset} passes the ${room}`)
  }
}

/** Throws CohortError internal where `value` is no whole number from 1 to `most`. */
export function mustCount(what: string, value: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return
  throw new CohortError('internal', `${what} of a shared structure: ${value} is not from 1 to ${most}`)
}

/** Node has it, the types of ES2024 do not. */
interface Pausing {
  pause(): void
}

/** Says to the core that this thread only waits for another one's write. */
export const relax = (): void => (Atomics as unknown as Pausing).pause()
