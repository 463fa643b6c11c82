// Columns over the first axis of a flat row-major array: what is a distribution in A, B, D and E.

/** out = each column of `weights`, of `rows` entries, divided by its sum. `out` may be `weights` itself. */
export function normaliseColumns(weights: Float64Array, rows: number, out: Float64Array): void {
  const columns = weights.length / rows
  for (let column = 0; column < columns; column++) {
    let sum = 0
    for (let i = column; i < weights.length; i += columns) sum += weights[i]
    for (let i = column; i < weights.length; i += columns) out[i] = weights[i] / sum
  }
}
