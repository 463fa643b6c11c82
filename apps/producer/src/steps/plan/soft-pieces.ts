// leg: gather. What was seen softly, from a batch's columns into a job's, slice by slice. Used by plan-jobs.ts
import type { AdmittedSteps } from '../admit.js'

/** A list a modality: distributions one after the other, in pieces, in the order of the job's rows. */
export type SoftPieces = readonly Float64Array[][]

/** Those of ranks from…to−1, as views. */
export function softPiecesOf(
  { soft }: Pick<AdmittedSteps, 'soft'>,
  { from, to }: { readonly from: number; readonly to: number },
  into: SoftPieces,
): void {
  if (soft === undefined) return
  for (const [modality, column] of soft.entries()) {
    if (column === undefined) continue
    const { outcomes, ranks, values } = column
    const [first, end] = [firstFrom(ranks, from), firstFrom(ranks, to)]
    if (first < end) into[modality]?.push(values.subarray(first * outcomes, end * outcomes))
  }
}

export const joined = (pieces: SoftPieces): (Float64Array | null)[] => pieces.map(concatenated)

/** The place of the first of the ascending ranks that is not below `rank`. */
function firstFrom(ranks: Uint32Array, rank: number): number {
  let [low, high] = [0, ranks.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ranks[middle] ?? rank) < rank) low = middle + 1
    else high = middle
  }
  return low
}

function concatenated(pieces: readonly Float64Array[]): Float64Array | null {
  if (pieces.length === 0) return null
  const all = new Float64Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
