// Row numbers of a by-row part as runs of neighbours, the form in which the scripts read them.
import { CohortError } from '@cohort/contracts'

/** `[3, 4, 5, 9]` → 3 from 3 on, 1 from 9 on: first u16 and count u16 of each run, little-endian. */
export function packRuns(index: readonly number[]): Buffer {
  const runs: [first: number, count: number][] = []
  let next = 0
  for (const row of index) {
    if (!Number.isInteger(row) || row < next)
      throw new CohortError('internal', `rows must ascend, got ${row} after ${next - 1}`)
    const last = runs.at(-1)
    if (last !== undefined && row === next) last[1]++
    else runs.push([row, 1])
    next = row + 1
  }
  return Buffer.from(Uint16Array.from(runs.flat()).buffer)
}
