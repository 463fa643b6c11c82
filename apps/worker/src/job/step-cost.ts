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

/** Of the reference kernel on one core of 2020 or later: 1.6 to 3.4 million in all kinds of inference and planning. */
const MULTIPLICATIONS_A_MS = 2e6

/** A guess before the first measurement, from the dearest step that the model can have; the first tasks mend it. */
export const guessStepMs = (work: number): number => work / MULTIPLICATIONS_A_MS
