// Stable logarithm and softmax, as every formula of the step uses them.

/** Added under every logarithm of a probability, never clamped: pymdp's stabiliser. */
export const EPS = 1e-16

/** ln*(x) = ln(x + 1e-16). */
export const logOf = (x: number): number => Math.log(x + EPS)

/** Under this e^x is 0, in both kernels: near the logarithm of the smallest normal number. */
const LEAST = -708

/** Replaces log weights by the distribution that they stand for. */
export function softmax(weights: Float64Array): void {
  let most = -Infinity
  for (let i = 0; i < weights.length; i++) if (weights[i] > most) most = weights[i]
  let total = 0
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] - most
    total += weights[i] = weight < LEAST ? 0 : Math.exp(weight)
  }
  for (let i = 0; i < weights.length; i++) weights[i] /= total
}
