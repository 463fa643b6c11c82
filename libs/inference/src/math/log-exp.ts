// Stable logarithm and softmax, as every formula of the step uses them.

/** Added under every logarithm of a probability, never clamped: pymdp's stabiliser. */
export const EPS = 1e-16

/** ln*(x) = ln(x + 1e-16). */
export const logOf = (x: number): number => Math.log(x + EPS)

/** Replaces log weights by the distribution that they stand for. */
export function softmax(weights: Float64Array): void {
  let most = -Infinity
  for (let i = 0; i < weights.length; i++) if (weights[i] > most) most = weights[i]
  let total = 0
  for (let i = 0; i < weights.length; i++) total += weights[i] = Math.exp(weights[i] - most)
  for (let i = 0; i < weights.length; i++) weights[i] /= total
}
