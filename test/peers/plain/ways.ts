// In what ways implementations differ, each difference a switch. The formulae beside this file take them.
import type { Model } from '@cohort/contracts'

export interface Ways {
  /** Of beliefs, likelihoods and habits. */
  readonly ln: (x: number) => number
  /** One ln of the product of all modalities' likelihoods, or the sum of their ln. */
  readonly likelihood: 'product' | 'sum'
  /** Information gain about states: of the joint outcome, or modality by modality. */
  readonly gain: 'joint' | 'modalities'
  /** In it: joint states up to this probability are left out; the ln of A, and of q(o). */
  readonly leftOut: number
  readonly lnA: (x: number) => number
  readonly lnOutcome: (x: number) => number
  /** C as it is, or as the ln of a distribution. */
  readonly preferences: 'raw' | 'normalised'
  /** Weight of a count p, in a column of this sum, in the information gain about parameters. */
  readonly weight: (p: number, sum: number, size: number) => number
  /** A count of 0 stays 0. */
  readonly zerosStay: boolean
  /** Message passing: share of the message from the future. */
  readonly future: number
}

const EPS = 1e-16
const DOUBLE_EPS = Number.EPSILON

const added = (eps: number) => (x: number) => Math.log(x + eps)
const clipped = (x: number) => Math.log(Math.max(x, DOUBLE_EPS))

/** Ours. `matchPymdp` has no ½ in the weight of counts, as pymdp's NumPy code. */
export const kernelWays = ({ options }: Model): Ways => {
  const half = options?.matchPymdp === true ? 1 : 0.5
  return {
    ln: added(EPS),
    likelihood: 'sum',
    gain: 'modalities',
    leftOut: Math.exp(-16),
    lnA: added(Math.exp(-16)),
    lnOutcome: added(EPS),
    preferences: 'normalised',
    weight: (p, sum, size) => half * (1 / (sum + size * EPS) - 1 / (p + EPS)),
    zerosStay: true,
    future: 0.5,
  }
}

/** Exact filtering has no stabiliser. */
export const exactWays = (model: Model): Ways => ({ ...kernelWays(model), ln: Math.log })

/** pymdp 0.0.7.1 departs from ours in these, and in nothing else. */
export const numpyWays = (model: Model): Ways => ({
  ...kernelWays(model),
  likelihood: 'product',
  gain: 'joint',
  future: 1,
})

/** pymdp 1.x's JAX code departs from ours in these, and in nothing else. */
export const jaxWays = (model: Model): Ways => ({
  ...kernelWays(model),
  ln: clipped,
  leftOut: -1,
  lnA: clipped,
  lnOutcome: clipped,
  preferences: 'raw',
  weight: exactWeight,
  zerosStay: false,
})

/** Da Costa et al. 2020, eq. D.15, of which ½ (1/Σp − 1/p) is the approximation for large counts. */
function exactWeight(p: number, sum: number): number {
  const safe = Math.max(p, DOUBLE_EPS)
  return Math.log(safe) - Math.log(sum) + digamma(sum + 1) - digamma(safe + 1)
}

/** Abramowitz & Stegun 6.3.18, from 10 on; 6.3.5 brings smaller ones there. */
function digamma(x: number): number {
  if (x < 10) return digamma(x + 1) - 1 / x
  const square = 1 / (x * x)
  const terms = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760]
  return Math.log(x) - 0.5 / x - terms.reduceRight((rest, term) => (rest + term) * square, 0)
}
