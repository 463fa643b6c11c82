// doctor, area memory: what there is, against the most that a worker's arena may grow to.
import { totalmem } from 'node:os'
import type { Check } from './check.js'

export interface MemoryFacts {
  /** Bytes of the machine. */
  readonly total: number
  /** What this process may still take. */
  readonly available: number
  /** By its control group; undefined where there is none. */
  readonly limit: number | undefined
}

export function memoryFacts(): MemoryFacts {
  const total = totalmem()
  // 0, or more than any machine has, where there is no limit.
  const limit = process.constrainedMemory()
  return {
    total,
    available: process.availableMemory(),
    limit: limit > 0 && limit < total ? limit : undefined,
  }
}

export function memoryChecks({ total, available, limit }: MemoryFacts, arenaBytes: number): Check[] {
  const of = limit === undefined ? size(total) : `the ${size(limit)} that its control group allows`
  const check = { area: 'memory', name: 'arena', found: `${size(available)} available of ${of}` } as const
  const chosen = `a worker’s models and slots take up to ${size(arenaBytes)} (COHORT_ARENA_BYTES)`
  if (available >= arenaBytes) return [{ ...check, status: 'ok', chosen }]
  return [
    {
      ...check,
      status: 'note',
      chosen,
      why: 'it grows with use: a worker that needs all of it may be ended by the system',
      mend: 'Lower COHORT_ARENA_BYTES, or give the worker more memory.',
    },
  ]
}

const MIB = 2 ** 20
const GIB = 2 ** 30

/** `512 MiB`, `23.5 GiB`. */
const size = (bytes: number): string =>
  bytes < GIB ? `${Math.floor(bytes / MIB)} MiB` : `${Number((bytes / GIB).toFixed(1))} GiB`
