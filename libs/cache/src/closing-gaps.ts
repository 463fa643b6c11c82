// Which matrices to move so that the free bytes between them become one piece. Used by matrix-cache.ts

/** A piece of a region, as they follow each other. */
export type Piece<T> =
  | { readonly kind: 'free'; readonly bytes: number }
  | { readonly kind: 'idle'; readonly bytes: number; readonly entry: T }
  /** Somebody reads it: it stays where it is. */
  | { readonly kind: 'used' }

/**
 * The entries between the first and the last of neighbouring gaps that have `bytes` in sum, in their order: moved down
 * one by one they leave one gap. Of all such stretches the one with the fewest bytes to move; undefined where there is
 * none, or they are more than `mostMoved`.
 */
export function entriesBetweenGaps<T>(
  pieces: readonly Piece<T>[],
  { bytes, mostMoved }: { readonly bytes: number; readonly mostMoved: number },
): T[] | undefined {
  let best: readonly Piece<T>[] | undefined
  let least = mostMoved
  // The stretch from `from` to here: it begins with a gap, and without that one it would have too few bytes.
  let [from, free, moved] = [0, 0, 0]
  pieces.forEach((piece, to) => {
    if (piece.kind === 'used') [from, free, moved] = [to + 1, 0, 0]
    else if (piece.kind === 'idle') moved += piece.bytes
    else {
      free += piece.bytes
      for (let first = pieces[from]; from < to && first !== undefined; first = pieces[from]) {
        if (first.kind === 'free' && free - first.bytes < bytes) break
        if (first.kind === 'free') free -= first.bytes
        else if (first.kind === 'idle') moved -= first.bytes
        from += 1
      }
      if (free >= bytes && moved <= least) [best, least] = [pieces.slice(from, to), moved]
    }
  })
  return best?.flatMap((piece) => (piece.kind === 'idle' ? [piece.entry] : []))
}
