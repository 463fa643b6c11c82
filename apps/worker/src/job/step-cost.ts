// What a step of a model costs: guessed first, then measured. Used by leg dispatch, which cuts tasks by it.

import type { KernelName } from '@cohort/inference'

/** How much a new measurement moves the running mean: a hiccup of the machine fades within some ten tasks. */
const WEIGHT = 0.2

/** The running mean of what a step of one model costs, in milliseconds. */
export class StepCost {
  readonly #guessMs: number
  #meanMs: number

  constructor(firstGuessMs: number) {
    this.#guessMs = firstGuessMs
    this.#meanMs = firstGuessMs
  }

  /** What a step may cost, whatever was measured of late: that of the dearest. */
  get mostMs(): number {
    return Math.max(this.#guessMs, this.#meanMs)
  }

  get meanMs(): number {
    return this.#meanMs
  }

  /** `steps` of the model took `ms` on one thread; where none was done, nothing is learned. */
  measured(steps: number, ms: number): void {
    if (steps === 0) return
    this.#meanMs += WEIGHT * (ms / steps - this.#meanMs)
  }
}

/**
 * On one core of 2020 or later. The reference kernel: 1.6 to 3.4 million in all kinds of inference and planning; the
 * batched one leaves out what need not be multiplied, and is 7 to 55 times as fast: the slowest of these.
 */
const MULTIPLICATIONS_A_MS: Readonly<Record<KernelName, number>> = { reference: 2e6, wasm: 14e6 }

/** A guess before the first measurement, from the dearest step that the model can have; the first tasks mend it. */
export const guessStepMs = (work: number, kernel: KernelName): number => work / MULTIPLICATIONS_A_MS[kernel]
