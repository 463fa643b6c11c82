// What a step of a model costs: guessed first, then measured. Used by leg dispatch, which cuts tasks by it.

/** How much a new measurement moves the running mean: a hiccup of the machine fades within some ten tasks. */
const WEIGHT = 0.2

/** The running mean of what a step of one model costs, in milliseconds. */
export class StepCost {
  #meanMs: number

  constructor(firstGuessMs: number) {
    this.#meanMs = firstGuessMs
  }

  get meanMs(): number {
    return this.#meanMs
  }

  /** `steps` of the model took `ms` on one thread. */
  measured(steps: number, ms: number): void {
    this.#meanMs += WEIGHT * (ms / steps - this.#meanMs)
  }
}

/**
 * A guess before the first measurement: each policy predicts each factor's states (a row of B each) and their
 * outcomes. Wrong by a factor of a few, which the first tasks mend.
 */
export function guessStepMs({
  policies,
  numStates,
  numObs,
}: {
  policies: number
  numStates: readonly number[]
  numObs: readonly number[]
}): number {
  const states = numStates.reduce((sum, count) => sum + count * count, 0)
  const outcomes = numObs.reduce((sum, count) => sum + count, 0) * Math.max(...numStates)
  const flopsAMs = 1e6
  return (policies * (states + outcomes)) / flopsAMs
}
